"""The API of what lies over all contexts: search, requests about roles, the first days."""

from ninja import Router

from . import first_days, roles, search

router = Router()
for part in (search, roles, first_days):
    router.add_router("", part.router)

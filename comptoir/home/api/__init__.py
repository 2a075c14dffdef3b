"""The API of what lies over all contexts: search, requests about roles, the first days, the bell."""

from ninja import Router

from . import first_days, notices, roles, search

router = Router()
for part in (search, roles, first_days, notices):
    router.add_router("", part.router)

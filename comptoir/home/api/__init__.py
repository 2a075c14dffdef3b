"""The API of what lies over all contexts: search, requests about roles."""

from ninja import Router

from . import roles, search

router = Router()
for part in (search, roles):
    router.add_router("", part.router)

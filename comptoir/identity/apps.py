from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "comptoir.identity"

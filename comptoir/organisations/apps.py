from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "comptoir.organisations"

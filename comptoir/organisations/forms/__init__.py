"""Text to typed values; saves nothing."""

from .company import BillingForm, CodeForm, CompanyForm, RegisterForm, SpendingLimitForm
from .people import (
    AddressesForm,
    ColumnsForm,
    GroupChoice,
    GroupForm,
    HandOverForm,
    ListForm,
    MemberChoice,
    PeopleFilter,
    PersonForm,
    RoleForm,
)

__all__ = [
    "AddressesForm",
    "BillingForm",
    "CodeForm",
    "ColumnsForm",
    "CompanyForm",
    "GroupChoice",
    "GroupForm",
    "HandOverForm",
    "ListForm",
    "MemberChoice",
    "PeopleFilter",
    "PersonForm",
    "RegisterForm",
    "RoleForm",
    "SpendingLimitForm",
]

"""Text to typed values; saves nothing."""

from .accounts import NewcomerForm, OtherAccountForm
from .company import BillingForm, CodeForm, CompanyForm, RegisterForm, SpendingLimitForm
from .people import (
    AddressesForm,
    ColumnsForm,
    DomainForm,
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
    "DomainForm",
    "GroupChoice",
    "GroupForm",
    "HandOverForm",
    "ListForm",
    "MemberChoice",
    "NewcomerForm",
    "OtherAccountForm",
    "PeopleFilter",
    "PersonForm",
    "RegisterForm",
    "RoleForm",
    "SpendingLimitForm",
]

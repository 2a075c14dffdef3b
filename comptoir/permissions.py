"""Who may do what. This table is the only place where it is written down, and the only place where a role is compared.

Source: `docs/rules.md`, section 7. One line is one permission; one column is one role. The marks are the values of `Reach`.
"""

from enum import StrEnum


class Role(StrEnum):
    """Everyone who can act. The order is the order of the columns below."""

    CONTRACT_MANAGER = "contract_manager"
    PAYER = "payer"
    SOFTWARE_COORDINATOR = "software_coordinator"
    ACCESS_MANAGER = "access_manager"
    REPORT_VIEWER = "report_viewer"
    END_USER = "end_user"
    RESELLER = "reseller"
    CATALOGUE = "catalogue"
    FINANCE = "finance"
    SUPPORT_AGENT = "support_agent"
    ADMINISTRATOR = "administrator"
    PERSON = "person"
    JOB = "job"
    OPERATOR = "operator"


CUSTOMER_ROLES = frozenset(list(Role)[:6])
STAFF_ROLES = frozenset({Role.CATALOGUE, Role.FINANCE, Role.SUPPORT_AGENT, Role.ADMINISTRATOR})


class Reach(StrEnum):
    """How far a permission goes for a role."""

    ALL = "x"  # everything in the scope of the role
    OWN = "o"  # only what concerns the person
    GROUPS = "g"  # only the groups that the person looks after
    MONEY = "m"  # only the parts about money
    SHARED = "s"  # only what the customer shares
    ASK = "a"  # not directly: the verb can be asked for
    PROPOSE = "p"  # not directly: the verb can be proposed to the customer
    NONE = "."


DIRECT = frozenset({Reach.ALL, Reach.OWN, Reach.GROUPS, Reach.MONEY, Reach.SHARED})


class Permission:
    """One line of the table: what each role may do, and the scope that an API token needs for it."""

    def __init__(self, scope: str, marks: str) -> None:
        cells = marks.replace("|", " ").split()
        if len(cells) != len(Role):
            raise ValueError(f"a permission needs {len(Role)} marks, one for each role: {marks!r}")
        self.scope = scope
        self.reach_of = dict(zip(Role, map(Reach, cells), strict=True))
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.lower()

    def __repr__(self) -> str:
        return f"Can.{self.name.upper()}"


class Can:
    """The table.

    Columns: contract manager, payer, software coordinator, access manager, report viewer, end user, reseller | catalogue,
    finance, support agent, administrator | a person about themselves, a job, the operator of the machine.
    """

    # fmt: off
    #                                                       cm p  sc am rv eu re | ca fi su ad | pe jo op
    SEE_HOME            = Permission("customers:read",     "x  x  x  x  x  x  .  | .  .  .  .  | .  .  .")
    SEE_PRODUCTS        = Permission("subscriptions:read", "x  x  x  x  x  o  .  | .  .  .  .  | .  .  .")
    SEE_CONTRACTS       = Permission("contracts:read",     "x  x  x  .  x  .  .  | .  x  .  x  | .  .  .")
    SEE_PRICES          = Permission("prices:read",        "x  x  .  .  .  .  .  | .  x  .  .  | .  .  .")
    SEE_INVOICES        = Permission("invoices:read",      "x  x  .  .  .  .  .  | .  x  .  .  | .  .  .")
    SEE_PEOPLE          = Permission("people:read",        "x  .  x  g  x  .  .  | .  .  .  .  | .  .  .")
    ADD_PEOPLE          = Permission("people:write",       "x  .  x  g  .  .  .  | .  .  .  .  | .  .  .")
    REMOVE_PEOPLE       = Permission("people:write",       "x  .  x  .  .  .  .  | .  .  .  .  | .  .  .")
    GIVE_ROLES          = Permission("people:write",       "x  .  a  .  .  .  .  | .  .  .  .  | .  .  .")
    CHECK_ROLES         = Permission("people:write",       "x  .  x  .  .  .  .  | .  .  .  .  | .  .  .")
    SET_DOMAINS         = Permission("people:write",       "x  .  .  .  .  .  .  | .  .  .  .  | .  .  .")
    ASK_TO_JOIN         = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    MERGE_ACCOUNTS      = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    UNITE_MEMBERS       = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    NOTE_WISHES         = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    SEND_INVITATIONS    = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    ACCEPT_INVITATION   = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    MANAGE_GROUPS       = Permission("people:write",       "x  .  x  g  .  .  .  | .  .  .  .  | .  .  .")
    SEE_ACTIVITY        = Permission("activity:read",      "x  m  x  g  x  o  .  | .  .  .  .  | .  .  .")
    SEE_REQUESTS        = Permission("requests:read",      "x  o  o  o  o  o  .  | .  .  .  .  | .  .  .")
    ADD_SEATS           = Permission("seats:write",        "x  .  a  a  .  a  p  | .  .  .  .  | .  .  .")
    PLAN_RENEWAL        = Permission("renewals:write",     "x  .  a  a  .  a  p  | .  .  .  .  | .  .  .")
    RENEW               = Permission("renewals:write",     "x  .  a  a  .  a  p  | .  .  .  .  | .  .  .")
    ALIGN               = Permission("renewals:write",     "x  .  a  a  .  a  p  | .  .  .  .  | .  .  .")
    BUY                 = Permission("orders:write",       "x  .  a  a  .  a  p  | .  .  .  .  | .  .  .")
    RETURN              = Permission("orders:write",       "x  .  a  a  .  a  p  | .  .  .  .  | .  .  .")
    RETURN_PART         = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  .  | .  .  .")
    SETTLE_ORDERS       = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    RUN_RENEWALS        = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    PAY                 = Permission("payments:write",     "x  x  .  .  .  .  .  | .  .  .  .  | .  .  .")
    SEE_METHODS         = Permission("payments:read",      "x  x  .  .  .  .  .  | .  .  .  .  | .  .  .")
    CHANGE_METHODS      = Permission("payments:write",     "x  x  .  .  .  .  .  | .  .  .  .  | .  .  .")
    CHARGE              = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    IMPORT_STATEMENT    = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  .  | .  .  x")
    MATCH_PAYMENT       = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  .  | .  x  .")
    COMPARE_BOOKS       = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  .  | .  x  x")
    CHANGE_BILLING      = Permission("billing:write",      "x  x  .  .  .  .  .  | .  .  .  .  | .  .  .")
    MAKE_ARCHIVE        = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    ASSIGN_SEATS        = Permission("assignments:write",  "x  .  x  g  .  a  .  | .  .  .  .  | .  .  .")
    CHOOSE_CALLERS      = Permission("assignments:write",  "x  .  .  .  .  .  .  | .  .  .  .  | .  .  .")
    LEAVE_LINE          = Permission("assignments:write",  "o  o  o  o  o  o  .  | .  .  .  .  | .  .  .")
    GIVE_FREED_SEATS    = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    GIVE_USE_RIGHTS     = Permission("assignments:write",  "x  .  x  .  .  a  .  | .  .  .  .  | .  .  .")
    END_USE_RIGHTS      = Permission("assignments:write",  "x  o  x  o  o  o  .  | .  .  .  .  | .  .  .")
    KEEP_SIGNING_KEYS   = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  x  | .  .  x")
    USE_LICENCES        = Permission("licences",           "o  o  o  o  o  o  .  | .  .  .  .  | .  .  .")
    END_DEVICES         = Permission("licences",           "x  o  x  o  o  o  .  | .  .  .  .  | .  .  .")
    SIGN_FILES          = Permission("licences",           "x  o  x  o  o  o  .  | .  .  .  .  | .  .  .")
    MANAGE_KEYS         = Permission("licences:write",     "x  .  x  .  .  .  .  | .  .  .  .  | .  .  .")
    SHARE_LICENCES      = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  x  | .  .  .")
    EXCEPT_VERSIONS     = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  x  | .  .  .")
    DOWNLOAD            = Permission("downloads:read",     "x  o  x  o  o  o  .  | .  .  .  .  | .  .  .")
    DEPLOY              = Permission("downloads:write",    "x  .  x  .  .  .  .  | .  .  .  .  | .  .  .")
    SEE_DOWNLOADS       = Permission("downloads:read",     "x  .  x  .  x  .  .  | .  .  .  .  | .  .  .")
    KEEP_ADDRESSES      = Permission("downloads:write",    "x  o  x  o  o  o  .  | .  .  .  .  | .  .  .")
    TRY                 = Permission("trials:write",       "o  o  o  o  o  o  .  | .  .  .  .  | .  .  .")
    CONVERT_TRIALS      = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    ASSIGN_UPDATES      = Permission("updates:write",      "x  .  x  g  .  .  .  | .  .  .  .  | .  .  .")
    MARK_INSTALLED      = Permission("updates:write",      "x  o  x  o  o  o  .  | .  .  .  .  | .  .  .")
    TELL_NEWS           = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    CHOOSE_NEWS         = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    SEE_RELEASES        = Permission("operator",           ".  .  .  .  .  .  .  | x  .  .  x  | .  .  .")
    KEEP_APPLICATIONS   = Permission("operator",           ".  .  .  .  .  .  .  | x  .  .  x  | .  .  x")
    EDIT_RELEASES       = Permission("operator",           ".  .  .  .  .  .  .  | x  .  .  .  | .  .  .")
    PUBLISH_RELEASES    = Permission("operator",           ".  .  .  .  .  .  .  | x  .  .  .  | .  .  .")
    ASK                 = Permission("requests:write",     "x  x  x  x  .  x  .  | .  .  .  .  | .  .  .")
    DECIDE_REQUESTS     = Permission("requests:write",     "x  .  x  g  .  .  .  | .  .  .  .  | .  .  .")
    WITHDRAW_REQUEST    = Permission("requests:write",     "o  o  o  o  o  o  .  | .  .  .  .  | .  .  .")
    SET_SPENDING_LIMITS = Permission("orders:write",       "x  .  .  .  .  .  .  | .  .  .  .  | .  .  .")
    MAKE_PRICE_QUOTE    = Permission("orders:write",       "x  x  .  .  .  .  .  | .  .  .  .  | .  .  .")
    ACCEPT_PRICE_QUOTE  = Permission("orders:write",       "x  .  .  .  .  .  .  | .  .  .  .  | .  .  .")
    SEE_PRICE_QUOTES    = Permission("orders:read",        "x  x  .  .  .  .  .  | .  .  .  .  | .  .  .")
    REGISTER_CUSTOMER   = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    CONFIRM_ADDRESS     = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    REGISTER_PERSON     = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    FORGET_UNCONFIRMED  = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    KEEP_CALENDAR       = Permission("profile:write",      "o  o  o  o  o  o  .  | .  .  .  .  | .  .  .")
    SEE_PROFILE         = Permission("profile:read",       ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    CONFIRM_LANGUAGE    = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    TAKE_TOUR           = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    SIGN_IN_PRODUCTS    = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    UPGRADE_PASSWORD    = Permission("profile:write",      ".  .  .  .  .  .  .  | .  .  .  .  | x  .  .")
    CREATE_TOKEN        = Permission("tokens:write",       "x  .  .  .  .  o  .  | .  .  .  .  | .  .  x")
    IMPORT_OLD_CENTRE   = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  .  x")
    SEED                = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  .  x")
    FILL_SANDBOX        = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  .  x")
    APPOINT_MANAGER     = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  x  | .  .  .")
    MERGE_AT_DESK       = Permission("operator",           ".  .  .  .  .  .  .  | .  .  x  x  | .  .  .")
    FORGET_LISTS        = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    NOTE_NOTICES        = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | .  x  .")
    MOVE_CLOCK          = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  .  | x  .  x")
    GIVE_STAFF_ROLE     = Permission("operator",           ".  .  .  .  .  .  .  | .  .  .  x  | .  .  x")
    SEE_DESK            = Permission("operator",           ".  .  .  .  .  .  .  | x  x  x  x  | .  .  .")
    SEE_CUSTOMERS       = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  x  | .  .  .")
    SEE_SALES           = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  .  | .  .  .")
    SEE_PRICE_BOOK      = Permission("operator",           ".  .  .  .  .  .  .  | x  x  .  x  | .  .  .")
    SET_PRICE           = Permission("operator",           ".  .  .  .  .  .  .  | x  .  .  .  | .  .  .")
    SET_PRODUCT         = Permission("operator",           ".  .  .  .  .  .  .  | x  .  .  .  | .  .  .")
    SET_TAX_RATE        = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  x  | .  .  .")
    SEE_RUNS            = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  x  | .  .  .")
    DECIDE_PARKED       = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  .  | .  .  .")
    LOOK_TWICE          = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  .  | .  .  .")
    STOP_CHARGING       = Permission("operator",           ".  .  .  .  .  .  .  | .  x  .  x  | .  .  .")
    # fmt: on


def table() -> dict[str, Permission]:
    """Every permission by its name, in the order of the table."""
    return {row.name: row for row in vars(Can).values() if isinstance(row, Permission)}


SCOPES = tuple(sorted({row.scope for row in table().values()} - {"operator"}))

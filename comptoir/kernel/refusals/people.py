"""What is refused about people, their roles and groups."""

from django.utils.translation import gettext_noop as _

PEOPLE: dict[str, tuple[str, str | None]] = {
    # people
    "language_unknown": (_("There are no texts in %(language)s. Choose one of: %(offered)s."), None),
    "time_zone_unknown": (_("There is no time zone %(time_zone)s."), _("Choose one such as Europe/Paris.")),
    "person_unknown": (_("Nobody signs in with %(email)s."), _("Give a name as well, and the person is added.")),
    "staff_role_held": (_("%(email)s has this role already."), None),
    "staff_role_not_held": (_("%(email)s does not have this role."), None),
    "last_administrator": (
        _("This is the last administrator: nobody could give roles any more."),
        _("Make somebody else an administrator first."),
    ),
    "email_malformed": (_("%(email)s is no e-mail address."), None),
    "member_here_already": (_("%(email)s belongs to this customer already."), _("Look for the address in User management.")),
    "member_not_here": (_("Somebody chosen does not belong to this customer any more."), _("Load the page again.")),
    "member_active_already": (_("%(name)s has accepted already; there is nothing to invite to."), None),
    "invited_just_now": (_("%(name)s was invited just now."), _("Wait some minutes before you send it again.")),
    "merge_with_itself": (_("This is the account that you are signed in with."), _("Name the other one.")),
    "account_unknown": (_("Nobody signs in as %(name)s."), _("Check the address or the user ID.")),
    "merge_one_account": (_("Both names sign in to the same account."), _("Name two different ones.")),
    "merge_of_nobody": (_("One of the two accounts is closed already."), _("Sign in again to see which one is left.")),
    "merge_of_staff": (
        _("One of the two accounts works at the vendor’s desk; such an account is not merged."),
        _("Ask an administrator of the vendor to end its role first."),
    ),
    "merge_running": (
        _("One of the two accounts is being merged at this moment."),
        _("Wait until all of it is brought over, a few minutes as a rule."),
    ),
    "merge_busy": (_("The other account is in use at this very moment."), _("Try again in a moment.")),
    "merge_unproved": (
        _("It is more than 15 minutes ago that you showed the other account to be yours."),
        _("Show it again with its password or a code."),
    ),
    "invitation_over": (_("This invitation is no longer good."), _("Ask whoever invited you to send it again.")),
    "name_missing": (_("Give a first or a last name."), None),
    "role_unknown": (_("There is no role %(role)s that can be given."), None),
    "role_needs_a_group": (_("The role %(role)s is given on a group."), _("Choose the group.")),
    "role_not_on_a_group": (_("The role %(role)s is given on a contract or on the whole customer."), _("Choose one of them.")),
    "roles_moved": (
        _("Roles have changed since this was shown, so nothing was done."),
        _("Look at it again, and confirm once more."),
    ),
    "role_held": (_("%(name)s has this role already."), None),
    "role_not_held": (_("%(name)s does not have this role."), None),
    "contract_unknown": (_("There is no such contract."), None),
    "group_unknown": (_("There is no such group."), None),
    "group_needed": (_("Choose a group of yours: whom you add goes into it."), None),
    "last_manager": (
        _("After this nobody would manage %(contracts)s."),
        _("Hand it over to somebody first; who is only invited does not count yet."),
    ),
    "check_unknown": (_("There is nothing called %(item)s to check."), None),
    "check_not_told": (_("Say how you checked who they are, in %(least)s characters or more."), None),
    "still_managed": (
        _("%(names)s can act as manager there already."),
        _("Ask them first; if they have left, say so and appoint all the same: they hear of it by mail."),
    ),
    "manager_by_coordinator": (
        _("%(name)s manages contracts: only another contract manager can remove them."),
        _("Ask %(who)s."),
    ),
    "beyond_your_contracts": (
        _("%(name)s has roles or seats under contracts that are not yours."),
        _("Ask %(who)s, or take away what lies under your contracts."),
    ),
    "list_too_big": (_("A list has at most %(most)s MB."), _("Leave out columns that are not needed, or split it.")),
    "list_too_long": (_("A list has at most %(most)s rows; this one has %(rows)s."), _("Split it.")),
    "list_empty": (_("There is nobody in this list."), None),
    "list_unreadable": (_("This is no list that can be read."), _("Save it as CSV, or copy its cells and paste them.")),
    "list_quote_open": (
        _("The quotation mark in line %(line)s is never closed: everybody after it would be part of it."),
        _("Close it, or take it away."),
    ),
    "list_erased": (_("The rows of this list were erased on %(on)s."), _("Read the list once more.")),
    "list_done": (_("The people of this list have been added already."), None),
    "nobody_to_add": (_("Nobody of this list can be added."), _("Look at what stands beside each row.")),
    "domain_public": (_("Anybody gets an address in %(domain)s: it says nothing of who somebody works for."), None),
    "domain_not_yours": (
        _("You have no address in %(domain)s yourself."),
        _("A manager with an address there lists it; write to %(vendor_email)s if nobody has one."),
    ),
    "domain_listed": (_("%(domain)s is listed already."), None),
    # groups of people
    "group_name_missing": (_("A group needs a name of at most %(most)s characters."), None),
    "group_name_taken": (_("There is a group called %(name)s already."), _("Choose another name.")),
    "group_has_ended": (_("The group %(name)s has ended."), None),
    "nobody_chosen": (_("Nobody was chosen whom this would change."), _("Choose at least one person.")),
}

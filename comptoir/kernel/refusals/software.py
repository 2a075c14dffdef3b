"""What is refused about what people use: seats, releases, licences, products that sign in here."""

from django.utils.translation import gettext_noop as _

from .house import ASK_DESK

SOFTWARE: dict[str, tuple[str, str | None]] = {
    # releases and downloads
    "release_exists": (_("There is a version %(version)s of this product already."), _("Choose another version.")),
    "release_not_draft": (_("Version %(version)s is no draft any more."), _("Withdraw it, and draft a new version.")),
    "release_not_published": (_("Version %(version)s is not published."), None),
    "release_without_files": (_("Version %(version)s has no file yet."), _("Add at least one file that installs it.")),
    "release_in_the_future": (
        _("It is released on %(released_on)s, and today is %(today)s."),
        _("Publish it on that day, or change the day."),
    ),
    "release_file_taken": (_("There is a file called %(name)s in this release already."), _("Remove that one first.")),
    "file_missing": (_("No file came with this."), _("Choose a file.")),
    "file_too_big": (_("A file has at most %(most)s MB."), None),
    "file_kind_unknown": (
        _("The content of %(name)s is not what was said: it can’t be this kind of file for this platform."),
        _("Choose the right platform and kind, or another file."),
    ),
    "download_not_yours": (_("You have no access to %(product)s."), _("Ask %(who)s.")),
    "download_not_owned": (_("%(customer)s has no working subscription of %(product)s."), _("Buy it in the catalogue.")),
    "version_too_old": (
        _("%(version)s is too old: the newest version and %(depth)s before it may be installed."),
        _("Ask %(vendor_email)s for an exception."),
    ),
    "version_withheld": (
        _("%(version)s is not for you: the benefit “%(benefit)s” is withheld from you."),
        _("Ask %(who)s."),
    ),
    "version_withdrawn": (_("%(version)s was withdrawn: %(reason)s"), _("Take the newest version.")),
    "link_expired": (_("This link is no longer good: links last %(minutes)s minutes."), _("Get a new one on the download page.")),
    "link_of_another": (_("This link was made for somebody else."), _("Get your own on the download page.")),
    "address_name_missing": (_("The address needs a name."), _("Name the machines that will use it.")),
    # products that sign in with the portal
    "application_name_missing": (_("The application needs a name: people read it when they sign in."), None),
    "application_without_way": (
        _("Nobody could sign in with it."),
        _("Give an address to send people back to, or allow the device flow."),
    ),
    "application_address_wrong": (
        _("%(address)s can’t be an address to send people back to."),
        _("Give https addresses, http://127.0.0.1 for the machine itself, or com.example.name:/path for a public application."),
    ),
    "application_too_many_addresses": (_("An application has at most %(most)s addresses."), None),
    "application_needs_consent": (
        _("A public application asks each time: any program can pretend to be it."),
        _("Make it a confidential one, or let it ask."),
    ),
    "application_without_secret": (_("A public application has no secret."), None),
    "application_ended": (_("This application has ended."), _("Register another one.")),
    "device_code_unknown": (
        _("No device waits with this code."),
        _("Compare it with the one that the device shows, or have it show a new one."),
    ),
    "trial_used": (_("You have tried %(product)s already, until %(ends_on)s."), _("Buy the product to go on.")),
    "trial_not_needed": (_("You have %(product)s already; there is no need to try it."), None),
    "trial_not_offered": (_("%(product)s can’t be tried."), ASK_DESK),
    "signing_key_shut": (
        _("Licence files can’t be signed at the moment: this copy can’t open its key."),
        _("Whoever runs it gives it the COMPTOIR_SEAL_KEYS that sealed the key; then ask again."),
    ),
    "file_digest_differs": (
        _("What came is another file: its SHA-256 is %(sha256)s."),
        _("Send the file again, or correct what you typed."),
    ),
    "file_unreachable": (_("%(name)s can’t be read from the store at the moment."), _("Try again in a few minutes.")),
    "store_unreachable": (_("The store of files can’t be reached: nothing was kept."), _("Try again in a few minutes.")),
    "not_looked_after": (_("You don’t look after %(product)s."), _("Ask %(who)s.")),
    "deadline_in_the_past": (_("The deadline is past: today is %(today)s."), _("Choose today or a later day.")),
    "update_assigned_already": (_("This is assigned already: nothing changes."), None),
    "not_entitled": (_("%(names)s may not install this."), _("Give them access first.")),
    # giving seats
    "seats_short": (
        _("There are not enough seats: %(shortfall)s more needed, %(free)s of %(seats)s free."),
        _("Add seats, take some back, or put those without one on the waiting list."),
    ),
    "seated_already": (_("Everybody named has a seat already, or waits for one."), None),
    "member_unknown": (_("Somebody named does not belong to this company any more."), _("Choose from the people of today.")),
    "nobody_named": (_("Nobody was chosen."), _("Choose at least one person.")),
    "too_many_named": (_("At most %(most)s people can be chosen at once."), _("Do it in several steps.")),
    "holds_no_seat": (_("Nobody named has a seat of this, or waits for one."), None),
    "seat_by_group": (
        _("This seat comes by a group: %(names)s."),
        _("Take the person out of the group, or take the product from the group."),
    ),
    "benefits_unchanged": (_("It is so already: nothing changes."), None),
    "benefit_unknown": (_("There is no such benefit."), None),
    # licences: keys, devices, the check of the vendor's products
    "licence_person_gone": (_("This person or key no longer belongs to the company."), None),
    "licence_no_subscription": (_("The company has no subscription of %(product)s."), _("Ask %(who_can_help)s.")),
    "licence_no_seat": (_("You have no seat of %(product)s."), _("Ask %(who_can_help)s for one.")),
    "licence_in_line": (_("You wait for a seat of %(product)s."), _("Ask %(who_can_help)s.")),
    "licence_beyond_seats": (
        _("There are fewer seats of %(product)s than people, and yours is not among those that count."),
        _("Ask %(who_can_help)s."),
    ),
    "licence_suspended": (_("The subscription of %(product)s is not renewed."), _("Ask %(who_can_help)s to renew it.")),
    "licence_version_too_old": (
        _("Version %(version)s of %(product)s is too old to be used."),
        _("Install a newer one, or ask %(who_can_help)s for an exception."),
    ),
    "licence_other_product": (_("This was activated for another product."), _("Activate %(product)s by itself.")),
    "product_unknown": (_("There is no product with the code %(code)s."), None),
    "devices_all_taken": (
        _("%(product)s is active on %(most)s devices already: %(names)s."),
        _("End one of them first, here or on the portal’s page “My devices”."),
    ),
    "device_in_use_elsewhere": (
        _("%(product)s is in use on %(name)s."),
        _("Close it there, or go on here: the other device is then told at its next check."),
    ),
    "device_has_ended": (_("The activation of this device has ended."), _("Activate it again.")),
    "key_has_ended": (_("This licence key has ended."), _("Ask for a new one.")),
    "key_needs_seat": (_("%(name)s has no seat of %(product)s."), _("Give them a seat first.")),
    "key_without_seat": (
        _("Every seat is used: %(seats)s seats, %(used)s by people and keys."),
        _("Add seats, or take one back."),
    ),
    "serial_given_already": (_("This serial number was given to %(name)s and stays with them."), None),
    "serial_unknown": (_("This subscription has no such serial number."), None),
    "too_many_guesses": (
        _("Too many unknown keys or tokens came from your address."),
        _("Wait a minute, then use one that is right."),
    ),
    # home use and previous versions
    "use_subscription_stopped": (_("The subscription does not work today."), _("It has to be renewed first.")),
    "use_needs_seat": (_("It takes a seat of %(product)s."), _("Ask %(who)s for one.")),
    "use_withheld": (_("This benefit is withheld."), _("Ask %(who)s.")),
    "home_use_not_offered": (_("%(product)s is not offered for home use."), None),
    "home_use_named_licence": (
        _("Home use takes a maintenance plan or a multi-user licence; each seat of this has a name."),
        None,
    ),
    "home_use_other_country": (_("The home must be in the company’s country: %(country)s."), None),
    "home_use_all_given": (
        _("All home-use licences are given: there are as many as seats, %(seats)s."),
        _("End one, or add seats."),
    ),
    "use_held_already": (_("There is one already, until %(until)s."), None),
    "previous_version_too_old": (
        _("Version %(version)s can’t be installed any more: the newest and %(depth)s before it may be."),
        _("Ask %(vendor_email)s for an exception."),
    ),
    "use_right_has_ended": (_("This licence has ended already."), None),
    "file_needs_seat": (
        _("A file for a device without a network stands on a seat of %(product)s or a key, and there is none."),
        _("Ask for a seat, or go on with the network."),
    ),
    "licence_file_has_ended": (_("This licence file has ended already."), None),
    "device_request_unreadable": (
        _("This is not what a device without a network shows or saves."),
        _("Copy the whole of what the product shows, or choose the file that it saved."),
    ),
    "lease_named_only": (
        _("The seats of %(product)s have names: they are given to people, not shared."),
        _("Ask for a seat."),
    ),
    "lease_not_running": (_("%(product)s can’t be used at the moment."), _("Ask your contract manager to renew it.")),
    "lease_has_seat": (_("You have a seat of %(product)s of your own."), _("Use it: no floating seat is needed.")),
    "lease_none_free": (
        _("All %(seats)s seats of %(product)s are in use."),
        _("Try again when somebody has finished, or ask for more seats."),
    ),
    "lease_is_borrowed": (_("You have borrowed a seat for %(name)s, until %(until)s."), _("Give it back there first.")),
    "lease_ended": (_("This use of a floating seat has ended."), _("Take a new one.")),
    "lease_outranked": (
        _("There is no seat of %(product)s for you any more: people were given seats, or there are fewer."),
        _("Save your work: the program closes in a few minutes."),
    ),
    "lease_other_device": (
        _("This floating seat is used on another device: %(name)s."),
        _("Activate the product there, and borrow from there."),
    ),
    "borrow_too_long": (_("A floating seat can be borrowed for 1 to %(most)s days."), _("Choose fewer days.")),
    "key_to_come": (_("The next key is made already, and does not sign yet."), _("Wait until it does.")),
    "signing_key_unknown": (_("There is no key %(kid)s that could be withdrawn."), _("Look at the list of keys.")),
    "exception_has_ended": (_("This exception has ended already."), None),
    "exception_day_in_the_past": (_("The last day must be today or later."), _("Choose a later day.")),
    "exception_too_long": (_("An exception lasts at most %(years)s years."), _("Choose an earlier day.")),
    "exception_not_needed": (_("Version %(version)s may be installed without an exception."), None),
    "version_unknown": (_("There is no release %(version)s of %(product)s."), _("Choose one of the releases that are out.")),
    "bundle_name_missing": (_("Give the group of products a name."), None),
    "bundle_name_taken": (_("There is a group of products called %(name)s already."), _("Choose another name.")),
    "sharing_unknown": (_("There is no such way to share a licence."), _("Choose named, multi_user, or nothing.")),
    "sharing_unchanged": (_("The licence of this subscription is shared so already: nothing changes."), None),
    "bundle_unchanged": (_("It is called so and holds just that already: nothing changes."), None),
    "bundle_empty": (
        _("Nothing would be left in the group of products %(name)s."),
        _("Leave at least one subscription in it, or end it."),
    ),
    "bundle_short": (
        _("%(shortfall)s seats are missing for those who hold the group of products: %(where)s."),
        _("Add seats, take some back, or let those without one wait."),
    ),
    "bundle_has_ended": (_("The group of products %(name)s has ended."), None),
    "given_already": (_("The group %(group)s has this already."), None),
    "given_not": (_("The group %(group)s does not have this."), None),
    "not_in_line": (_("You are not on this waiting list."), None),
}

date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
moment = { $date }, { $time } UTC
skip-to-content = Skip to content
languages = Languages
yes = Yes
no = No
optional = optional
required = required
other = Other
other-text = Please say which
new-window = opens in a new window
title-error = Error:
summary-title = There is a problem
characters-left = characters left
nps-low = Not at all likely
nps-high = Extremely likely
rating-low = Poor
rating-high = Excellent

form-submit = Send
form-sending = Sending…
form-slow = Still sending. Your connection is slow; please keep this page open.
form-offline = You are offline. Your answers stay on this page; send them when the connection is back.
form-online = You are online again. You can send the form now.
form-unsent = Your answers could not be sent just now. Nothing is lost: they are still on this page. Please press the button again in a moment.
form-trap = Leave this empty
file-keep = Keep { $name }
form-page-of = Page { $page } of { $pages }
form-next = Continue
form-back = Back
form-minutes = { $count ->
    [one] Takes about a minute
   *[other] Takes about { $count } minutes
}
when-note = Only for you if { $condition }.
when-and = and
when-or = or
when-equals = “{ $question }” is “{ $value }”
when-contains = “{ $question }” includes “{ $value }”
when-greater = “{ $question }” is more than { $value }
when-less = “{ $question }” is less than { $value }
when-answered = you have answered “{ $question }”
when-unanswered = you have not answered “{ $question }”
address-street = Street and number
address-extra = Further details, such as flat or company
address-postal-code = Postal code
address-city = Town or city
address-region = State or region
address-country = Country
form-notice-expired = This page was open for so long that it had to be renewed. Your answers are still here. Please read the consents again and press the button once more.
form-notice-unverified = We could not verify that this page came from us. Your answers are still here. Please read the consents again and press the button once more.
form-notice-sent-already = This form has already been sent from this page. If you want to send it again with these changes, press the button once more.
form-notice-not-stored = Your answers could not be stored just now. Nothing is lost: they are still on this page. Please press the button again in a moment.
consents-title = Your choice
consents-intro = You can leave any of these empty and still send the form.
consents-intro-required = You can leave the optional ones empty and still send the form.
why-title = What we ask and why
why-intro = { $controller } is responsible for your data.
why-what = What
why-basis = Legal basis
why-how-long = How long
why-sealed = Your answers are sealed with a public key as soon as they arrive. Only the people who hold the private key can read them.
legal-basis-consent = Your consent (GDPR Art. 6(1)(a))
legal-basis-contract = A contract, or steps before one (GDPR Art. 6(1)(b))
legal-basis-legal-obligation = A legal obligation (GDPR Art. 6(1)(c))
legal-basis-vital-interests = Vital interests (GDPR Art. 6(1)(d))
legal-basis-public-task = A task in the public interest (GDPR Art. 6(1)(e))
legal-basis-legitimate-interests = Legitimate interests (GDPR Art. 6(1)(f))
retention-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
retention-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
retention-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}

code-label = Access code
code-hint = You need a code for this form. Whoever asked you to fill it in has it.
code-wrong = This code is not right.
code-button = Open the form
done-incentive = A small thank-you
done-code = Your code
done-no-code = No code is ready for you just now. Please write to us with your reference.
done-code-later = Your code is not ready yet. It will stand on this page when it is, so please keep its address.
door-address = Your e-mail address
door-address-hint = We send a code there, so that nobody answers in your name.
door-send = Send me a code
door-mailed = We have sent a code to { $address }. It counts for 15 minutes.
door-code = The code from the e-mail
door-wrong = This code is not right. Please look again; after five tries you need a new one.
door-late = That code counts no more. Please ask for a new one.
door-often = Several codes are on their way to this address already. Please wait a quarter of an hour before you ask for another.
door-unsent = We could not send the e-mail just now. Please try again in a moment.
door-again = Ask for another code
mail-code-subject = Your code for “{ $form }”
mail-code-text =
    Your code for “{ $form }” is:

    { $code }

    It counts for 15 minutes. If you did not ask for it, you need not do anything: without the code nobody can answer in your name.

    { $site }
done-title = Thank you
done-reference = Your reference
done-keep = Please keep it: with it we find your message when you write to us.
done-sealed = Your answers are sealed and with { $controller }. How they are used is in the
done-contact = Questions about your data?
done-again = Fill in the form again
try-again = Try again

policy-version = version { $number }
policy-named = { $title }, version { $number }
policy-effective = applies from { $date }
policy-older = This is an earlier version.
policy-newest = Read the current one
policy-versions = Versions
policy-fingerprint = SHA-256 of this version

error-required = Please answer this question
error-wrong-kind = This answer is not of the right kind
error-too-short = Please write at least { $limit } characters
error-too-long = Please write no more than { $limit } characters
error-too-small = Please give { $limit } or more
error-too-large = Please give { $limit } or less
error-email = Please write an e-mail address such as name@example.org
error-phone = Please write a phone number, with the country code such as +44 if it is from abroad
error-url = Please write a web address that begins with https://
error-number = Please write a number such as 12 or 12.5
error-date = Please write a date such as 2026-01-31
error-time = Please write a time such as 14:30
error-pattern = This answer is not in the expected form
error-choice = Please choose one of the answers offered
error-choice-withdrawn = This choice is not offered any more; please choose another
error-too-few-choices = Please choose at least { $limit }
error-too-many-choices = Please choose no more than { $limit }
error-characters = Please remove the characters that cannot be shown
error-consent-required = The form cannot be sent without this consent
error-unconfirmed = Please tick this box to go on
error-ranking = Please give each choice a place of its own
error-country = Please choose a country from the list
error-too-many-files = { $limit ->
    [1] Please choose one file only
   *[other] Please choose no more than { $limit } files
}
error-file-too-large = Please choose a file of at most { $limit }
error-file-type = Please choose a file of one of these types: { $limit }
error-file-empty = This file is empty. Please choose another
error-files-too-large = Together these files are too large; please keep them under { $limit }
error-file-infected = This file may be harmful and was not kept. Please choose another
error-not-verified = Please use the address that you confirmed with the code
error-file-lost = This file could not be kept just now. Please choose it again

login-title = Staff sign-in
login-username = User name
login-password = Password
login-button = Sign in
login-wrong = User name or password is wrong.
login-local = Accounts of this installation
login-others = Other ways to sign in
login-no-role = You are signed in as { $name }, but none of your groups has a role here. Please ask your administrators.
login-disabled = Your account here is disabled, { $name }. Please ask your administrators.
login-away = Your company’s sign-in service does not answer just now. Please try again in a moment.
login-misconfigured = Signing in this way is not set up as it should be. Please tell your administrators; the log says what is wrong.
login-blocked = { $minutes ->
    [one] Too many failed attempts. Please wait a minute and try again.
   *[other] Too many failed attempts. Please wait { $minutes } minutes and try again.
}
log-out = Sign out
setup-title-first = Make the first account
setup-intro-first = It may do everything. You can make further accounts afterwards.
setup-title = Choose a password
setup-intro = This link works once.
setup-name = Your name, as colleagues see it
setup-password = Password
setup-password-hint = At least { $shortest } characters; a few words are easier to remember than signs
setup-repeated = Password again
setup-button = Save and sign in
setup-error-username = Please choose a user name of up to 100 characters without spaces.
setup-error-taken = This user name is taken.
setup-error-length = Please choose a password of at least { $shortest } characters.
setup-error-repeated = The two passwords are not the same.

staff-sections = Sections
back-to-inbox = Back to the inbox
inbox-title = Inbox
inbox-form = Form
inbox-all-forms = All forms
inbox-status = Status
inbox-all-statuses = Any status
inbox-reference = Reference
inbox-reference-wrong = A reference has ten letters and digits, such as 7K3MA-Q9PX2.
inbox-show = Show
inbox-clear = Clear
inbox-sender = Sender
inbox-received = Received
inbox-nothing-found = Nothing fits this selection.
inbox-nothing-yet = Nothing has come in yet.
inbox-masked = Personal values are masked here. Opening a submission shows them, and is recorded.
inbox-pages = Pages
inbox-newest = Newest
inbox-older = Older
status-new = New
status-open = In progress
status-done = Done
status-spam = Spam
status-save = Save
answer-empty = no answer
answer-other = Other: { $text }
part-expires = erased on { $date }
part-unopenable = This part does not open. Check that the master key is the one that this installation was made with.
part-export = Download this part, sealed (opens with age)
parts-none = No answers are kept for this submission.
consents-heading = Consents
consents-none = The form asked for no consent.
consent-given = Given
consent-refused = Refused
consent-withheld = Not kept because of the refusal: { $fields }
shown-heading = What was shown
shown-policy = Privacy notice
shown-language = Language
shown-touchpoint = Touchpoint
shown-method = Came in by
shown-ignored = Unknown fields ignored
method-form = the form's page
method-api = the API
spam-why = Held back as possible spam:
suspicion-trap = A field was filled in that nobody sees
suspicion-too-fast = Sent sooner than anybody could fill it in
suspicion-links = Many links
suspicion-words = One of the form’s words
suspicion-denied = Address on the form’s list
suspicion-duplicate = The same text came before
suspicion-no-proof = No proof of work, while many were sending
history-heading = History
ledger-submission-opened = Opened
ledger-submission-status-changed = Status changed
ledger-part-exported = Sealed part downloaded
ledger-file-opened = File downloaded

links-title = Personal links
links-make = Make links
links-names = Names, one on each line
links-days = Days until they expire (90, if empty)
links-fresh = New links
links-once = Copy them now: they are shown only this once.
links-none = There are no links yet.
links-name = Name
links-since = Since
links-waiting = not opened
links-opened = opened
links-answered = answered
links-expired = expired
links-open-to-all = This form is open to everybody. Set by_invitation to let in only those who have a link.
links-codes-left = Codes left to give: { $count }
links-wrong-count = Write 1 to { $most } names, one on each line.
links-wrong-name = A name takes { $most } characters at most.
links-wrong-days = Write the days as a whole number, or leave it empty.
embed-title = Embed
embed-mode = How it stands
embed-mode-inline = In the page
embed-mode-dialog = Behind a button, as a dialog
embed-mode-slide = Behind a button, sliding in
embed-theme = Theme
embed-visitors-own = as the visitor’s system asks
embed-theme-light = Light
embed-theme-dark = Dark
embed-theme-contrast = High contrast
embed-origin = Page that will show it
embed-origin-wrong = This is no address of a page. Write it as https://shop.example.
embed-origin-allowed = Pages of { $origin } may show this form.
embed-origin-refused = Pages of { $origin } may not show this form yet. Put this line into the site’s definition and publish it:
embed-no-origins = No page may show this site’s forms yet. Name the origins in allowed_origins.
embed-script = Script tag
embed-script-hint = Paste it where the form should stand. The link stays for those without scripts.
embed-element = Custom element
embed-element-hint = The same as an element, for pages that load the script once.
embed-pinned = Pinned script
embed-pinned-hint = This exact script, checked by its hash; it stays the same after updates.
embed-frame = Bare frame
embed-frame-hint = For systems that take no scripts. Its height is fixed.
embed-markup = Your own markup
embed-markup-hint = Your page can read what is typed. Put an address of an allowed origin into form.redirect to lead visitors back.
embed-markup-missing = These questions need more than one control and are left out here: { $fields }. If one of them is required, use the widget.
embed-policy = Content-Security-Policy
embed-policy-hint = Two directives that a page with a policy of its own needs.
embed-origins = Allowed origins
embed-preview = Preview
embed-preview-hint = This is the form itself: what you send here is stored.
embed-copy = Copy
embed-copied = Copied

problem-not-found-title = Page not found
problem-not-found-detail = There is no page at this address. Check the address for a slip.
problem-form-not-found-title = Form not found
problem-form-not-found-detail = There is no such form. It may have been removed.
problem-form-closed-title = This form is closed
problem-form-closed-detail = This form takes no more answers.
problem-malformed-body-title = The request cannot be read
problem-malformed-body-detail = The body is not what this address takes: { $value }.
problem-wrong-encoding-title = Wrong encoding
problem-wrong-encoding-detail = The body is not text in UTF-8. Send it in UTF-8.
problem-wrong-media-type-title = Wrong media type
problem-wrong-media-type-detail = This address takes { $value }. Set Content-Type to it.
problem-too-large-title = Too large
problem-too-large-detail = The request is larger than this server takes. Send less text.
problem-too-many-fields-title = Too many fields
problem-too-many-fields-detail = A submission takes at most { $value } fields.
problem-wrong-language-title = Unknown language
problem-wrong-language-detail = This site speaks { $value }.
problem-wrong-touchpoint-title = Unusable touchpoint
problem-wrong-touchpoint-detail = A touchpoint has 1 to 63 of the characters a-z, 0-9 and hyphen.
problem-invalid-answers-title = Some answers do not fit
problem-invalid-answers-detail = Nothing was stored. Correct what is listed under errors and send the form again.
problem-forged-token-title = Invalid form token
problem-forged-token-detail = The token was not made by this server. Fetch the form again and send its token.
problem-expired-token-title = Expired form token
problem-expired-token-detail = The form was fetched too long ago. Fetch it again, show what changed, and send it with the new token.
problem-foreign-token-title = Token of another form
problem-foreign-token-detail = The token belongs to another form. Fetch this form and send its token.
problem-bad-idempotency-key-title = Unusable Idempotency-Key
problem-bad-idempotency-key-detail = An Idempotency-Key has 1 to 255 visible ASCII characters.
problem-key-reused-title = Idempotency-Key used already
problem-key-reused-detail = This key was used with another body. Use a new key for a new submission.
problem-origin-refused-title = Origin not allowed
problem-origin-refused-detail = Pages of this origin may not use this form. The site's owner can allow it in allowed_origins.
problem-proof-needed-title = One more step
problem-proof-needed-detail = Many forms are coming in just now, so browsers are asked for a small calculation. Solve the challenge and send it along as proof.
problem-form-early-title = This form is not open yet
problem-form-early-detail = It takes answers later.
problem-form-full-title = This form is full
problem-form-full-detail = It has taken as many answers as it takes.
problem-answered-already-title = You have answered already
problem-answered-already-detail = Each person may answer this form only so often. Your earlier answers are safe with us.
problem-link-answered-title = This link was used already
problem-link-answered-detail = The form has been sent with this link. Ask whoever invited you if you need another.
problem-not-admitted-title = This form is by invitation
problem-not-admitted-detail = Please use the link that was sent to you. It may have expired or been used.
problem-too-many-requests-title = Too many requests
problem-too-many-requests-detail = Too much came from your address. Try again in { $value } seconds.
problem-queue-full-title = Busy
problem-queue-full-detail = Too many forms are coming in at once. Nothing was stored. Try again in a moment.
problem-database-away-title = Temporarily unavailable
problem-database-away-detail = The database cannot be reached. Try again in a moment; with the same Idempotency-Key nothing is stored twice.
problem-disk-full-title = Temporarily unavailable
problem-disk-full-detail = The server has no space left. Nothing was stored. Try again later.
problem-csrf-title = Not sent from this page
problem-csrf-detail = The request did not come from a page of this session. Go back, load the page again and repeat it.
problem-plain-http-title = Encrypted connections only
problem-plain-http-detail = This server takes plain HTTP only from its own machine and from its proxies. Use its https address.
problem-forbidden-title = Not allowed
problem-forbidden-detail = Your account may not do this. Ask an administrator for the role that it needs.
problem-link-spent-title = This link does not work any more
problem-link-spent-detail = It was used already, or is too old. Ask an administrator for a new one.
problem-method-not-allowed-title = Not possible here
problem-method-not-allowed-detail = This address does not take requests of this kind.
problem-bad-request-title = The request cannot be read
problem-bad-request-detail = Something in the request is not in the expected form.
problem-unopenable-title = The part does not open
problem-unopenable-detail = The sealed part does not open with this installation's keys.
problem-internal-title = Something went wrong
problem-internal-detail = This is our mistake, and it has been noted. Please try again.

fault-name-not-resolved = The server’s name is not known: check its spelling and the name server.
fault-connection-refused = Nothing listens there: check the port, and whether the server runs.
fault-connection-lost = The connection was lost.
fault-no-answer = No answer in time.
fault-certificate-expired = Its certificate has expired.
fault-certificate-early = Its certificate is not valid yet: check the clocks.
fault-certificate-foreign = Its certificate is for another host name.
fault-certificate-unknown = Its certificate is from an authority that is not known here: check ca_file.
fault-tls = No secure connection: { $value }.
fault-status = It answered with HTTP status { $value }.
fault-too-long = Its answer is too long.
fault-unreadable = It answers, but not what such a server answers: check the address.
fault-bind-refused = bind_dn or its password is refused.
fault-base-not-found = { $value } is not found.
fault-filter-unreadable = A filter can’t be read.
fault-directory-answered = The directory answered { $value }.
fault-attribute-missing = Someone has not exactly one value of { $value }: check attributes.
fault-too-many-groups = Someone is in too many groups.
fault-issuer-differs = It calls itself something other than { $value }: check issuer, to the letter.
fault-address-unsafe = It names an address that is not https: { $value }.
fault-client-refused = It refuses this client: check client_id and the secret.
fault-clock = The clocks differ by { $value } seconds.
fault-metadata = Its description is incomplete or has no signing key: { $value }
fault-refused = An answer was refused: { $value }.

login-with = Sign in with { $provider }
login-with-another = Sign in with { $provider } as somebody else
login-or-here = Or with name and password
login-cancelled = The provider did not sign you in: you turned back, or it does not let you use this service.
login-refused = The answer that came back with your browser does not count: it is too old, was used before, or is not for this page. Please sign in again; if it happens again, please tell your administrators.
onward-sign-in = On to { $provider }
onward-logout = Signing out at { $provider } too
onward-button = Continue
logged-out-title = You are signed out
logged-out-again = Sign in again
confirm-title = Is it still you?
confirm-intro = What you asked for can’t be taken back, so please prove once more who you are. Then please do it once more.
confirm-elsewhere = Confirm with { $provider }
confirm-button = Confirm
confirm-refused = It was not confirmed that it is you: the answer that came back counts for nothing, or you were not asked anew. Please try once more; if it happens again, please tell your administrators.
confirm-somebody-else = It was not confirmed that it is you: somebody else has signed in with the provider. Please confirm with your own account.
problem-sign-in-over-title = This sign-in is over
problem-sign-in-over-detail = It took longer than ten minutes, was used already, or was begun in another browser. Please begin again.

accounts-title = Accounts
accounts-end-all = Sign everybody else out
accounts-name = Name
accounts-provider = Signs in through
accounts-roles = Roles
accounts-last = Last sign-in
accounts-disabled = disabled
accounts-no-role = No role
accounts-never = never
accounts-later = More accounts
accounts-provider-gone = { $provider } (not configured any more)
accounts-sessions = Sessions
accounts-no-sessions = Not signed in anywhere.
accounts-began = since { $at }
accounts-seen = last used { $at }
accounts-this = this one
accounts-end = End
accounts-end-theirs = End all of these
accounts-remove = Remove
accounts-role = Role
accounts-place = Where
accounts-add-role = Add role
accounts-roles-from-groups = These come from the groups of the account at each sign-in.
accounts-access = Access
accounts-enable = Let in again
accounts-disable = Keep out
accounts-disable-hint = Whoever is kept out is signed out everywhere and can’t sign in until let in again.
accounts-own = Nobody can keep themselves out or take their own roles away. Ask another administrator.
role-admin = Administrator
role-editor = Editor
role-reviewer = Reviewer
role-auditor = Auditor
role-everywhere = everywhere
role-unknown = something that is gone
providers-title = Ways to sign in
providers-check = Try all now
providers-intro = Each is tried once an hour and at each sign-in.
providers-good = works
providers-bad = does not work
providers-unknown = not tried yet
providers-kind = Kind
providers-kind-local = Accounts of this installation
providers-kind-ldap = LDAP directory
providers-kind-saml = SAML 2.0
providers-kind-cas = CAS
providers-kind-oidc = OpenID Connect
providers-success = Last success
providers-failure = Last failure
providers-certificate = Certificate holds until
providers-soon = renew it soon
door-sign-in-intro = Please sign in to fill in this form.
door-sign-in-frame = Signing in works on a page of its own, not inside this one. The form is there, too.
door-sign-in-own-page = Open the form
door-sign-in-impossible = Signing in is not possible just now, so this form can’t be filled in. Please try again later.
door-sign-in-over = You are not signed in for this form, or signed in more than an hour ago. Please sign in.
door-sign-in-over-sending = You signed in more than an hour ago, so nothing was sent, and nothing of it is kept. Please sign in and fill in the form again.
door-trouble-cancelled = You turned back before you were signed in.
door-trouble-refused = The answer that came back with your browser does not count: it is too old, was used before, or is not for this page. Please sign in again.
door-trouble-away = Signing in does not work just now, because no answer comes. Please try again in a moment.
door-trouble-misconfigured = Signing in this way does not work just now. Please try another way, or come back later.
door-trouble-not-allowed = You are signed in, but this form is not for your account.
door-trouble-second-factor = This account has a second factor, which is not asked for here. Please sign in another way.
identity-name = Name
identity-email = E-mail address
identity-subject = Identifier of the account
identity-verified = verified by { $provider }
signed-in-as = You are signed in as { $name }.
signed-in-other = Not you?
signed-in-sent = This is sent along with your answers:
problem-not-signed-in-title = This form asks you to sign in
problem-not-signed-in-detail = Please open the form’s own page and sign in there. A sign-in counts for an hour.

# A staff member's own account, and second factors.
setup-error-guessable = This password is one that anybody would try. Please take a few words that have nothing to do with each other, and leave out your name and the names of this site.
second-title = Second factor
second-code = Code from your authenticator app
second-button = Continue
second-passkey = Use a passkey
second-recovery = Use a recovery code instead
second-recovery-code = Recovery code
second-recovery-hint = Each works once. Hyphens and capitals do not matter.
second-recovery-button = Continue with this code
second-lost = Lost everything? An administrator can remove your second factor.
second-other = Sign in with another account
second-wrong = That is not right, or was used already. An app’s code counts once: please wait for the next one, or try again.
second-late-title = This took too long
second-late = For your safety, signing in ends after ten minutes. Please begin again.
second-again = Sign in again
account-title = Your account
account-back = Back to your account
account-name = User name: { $name }
account-elsewhere = Another sign-in service looks after your account: its password and its second factor are changed there.
account-done-password = Your password is changed. Every other session has ended.
account-done-removed = The second factor is removed.
account-done-late = That took too long, or was done already. Nothing was changed just now.
factors-title = Second factor
factors-intro = With a second factor, a stolen password opens nothing by itself: signing in also takes something that you have.
factors-required = This installation asks for a second factor. Please set one up to go on.
factors-none = You have no second factor yet.
factor-kind-totp = Authenticator app
factor-kind-passkey = Passkey
factor-label = What to call it
factor-added = Added on { $date }
factor-used = Last used on { $date }
factor-unused = Not used yet
factor-remove = Remove
factor-remove-named = Remove: { $label }
factor-last = Your last second factor stays, because this installation asks for one. Add another one first.
totp-add = Add an authenticator app
totp-scan = 1. Scan this with the app
totp-picture = QR code that holds the key below
totp-by-hand = Or type this key into the app:
totp-details = By time, 6 digits, 30 seconds, SHA-1: what every app takes without asking.
totp-open = Open in an app on this device
totp-prove = 2. Type what the app shows
totp-code = Six digits
totp-label-hint = So that you know it again, such as “work phone”
totp-button = Add
totp-wrong = This code is not right. Set the clock of the phone to automatic, and type the code that the app shows now.
passkey-add = Add a passkey
passkey-intro = A passkey stays in your phone, computer, password manager or security key, and is unlocked there by finger, face or PIN. Nobody can read it off or be told it by mistake.
passkey-label-hint = So that you know it again, such as “laptop” or “blue key”
passkey-create = Create the passkey
passkey-failed = That did not work, or was cancelled. Nothing was changed; you can try again.
passkey-known = This device has a passkey for this account already.
passkey-refused = What the browser sent can’t be used. Please try again.
passkey-no-script = Passkeys need JavaScript.
passkey-nowhere = Passkeys are not offered here: browsers take them only at an https address with a name, and this installation’s is { $address }. An administrator can change server.public_url.
codes-title = Recovery codes
codes-first = Your second factor is set up.
codes-intro = Each of these codes stands in for your second factor once, for when your phone or key is lost. Print them, or keep them where you keep your passwords – not on the phone alone.
codes-once = They are shown only now.
codes-kept = I have kept them
codes-left = { $count ->
    [0] You have no recovery codes left.
    [one] You have one recovery code left.
   *[other] You have { $count } recovery codes left.
}
codes-few = Please make new ones.
codes-make = Make new recovery codes
codes-make-hint = The old ones stop working.
password-title = Change password
password-intro = Every other session of yours ends.
password-old = Your password until now
password-new = New password
password-repeated = New password again
password-old-wrong = The password until now is not right.

# On the way to a provider
onward-intro = You are taken there at once. If nothing happens, please continue by hand.

date = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }
moment = { $date }, { $time } UTC
skip-to-content = Zum Inhalt springen
languages = Sprachen
yes = Ja
no = Nein
optional = freiwillig
required = erforderlich
other = Anderes
other-text = Bitte sagen Sie, was
new-window = öffnet ein neues Fenster
title-error = Fehler:
summary-title = Bitte prüfen Sie Ihre Angaben
characters-left = Zeichen übrig
nps-low = Sehr unwahrscheinlich
nps-high = Sehr wahrscheinlich
rating-low = Schlecht
rating-high = Ausgezeichnet

form-submit = Absenden
form-sending = Wird gesendet …
form-slow = Wird noch gesendet. Ihre Verbindung ist langsam; bitte lassen Sie diese Seite geöffnet.
form-offline = Sie sind offline. Ihre Antworten bleiben auf dieser Seite; senden Sie sie, sobald die Verbindung wieder da ist.
form-online = Sie sind wieder online. Sie können das Formular jetzt absenden.
form-unsent = Ihre Antworten konnten gerade nicht gesendet werden. Nichts ist verloren: Sie stehen noch auf dieser Seite. Bitte drücken Sie gleich noch einmal auf die Schaltfläche.
form-trap = Bitte leer lassen
file-keep = { $name } behalten
form-page-of = Seite { $page } von { $pages }
form-next = Weiter
form-back = Zurück
form-minutes = { $count ->
    [one] Dauert etwa eine Minute
   *[other] Dauert etwa { $count } Minuten
}
when-note = Nur für Sie, wenn { $condition }.
when-and = und
when-or = oder
when-equals = „{ $question }“ mit „{ $value }“ beantwortet ist
when-contains = „{ $question }“ auch „{ $value }“ enthält
when-greater = „{ $question }“ mehr als { $value } ist
when-less = „{ $question }“ weniger als { $value } ist
when-answered = „{ $question }“ beantwortet ist
when-unanswered = „{ $question }“ nicht beantwortet ist
address-street = Straße und Hausnummer
address-extra = Adresszusatz, etwa Wohnung oder Firma
address-postal-code = Postleitzahl
address-city = Ort
address-region = Bundesland oder Region
address-country = Land
form-notice-expired = Diese Seite war so lange offen, dass sie erneuert werden musste. Ihre Angaben sind noch da. Bitte lesen Sie die Einwilligungen noch einmal und senden Sie das Formular erneut ab.
form-notice-unverified = Wir konnten nicht prüfen, ob diese Seite von uns stammt. Ihre Angaben sind noch da. Bitte lesen Sie die Einwilligungen noch einmal und senden Sie das Formular erneut ab.
form-notice-sent-already = Dieses Formular wurde von dieser Seite schon abgesendet. Wenn Sie es mit diesen Änderungen noch einmal senden möchten, senden Sie es erneut ab.
form-notice-not-stored = Ihre Angaben konnten gerade nicht gespeichert werden. Es ist nichts verloren: Sie stehen noch auf dieser Seite. Bitte senden Sie das Formular gleich noch einmal ab.
consents-title = Ihre Entscheidung
consents-intro = Sie können jedes dieser Kästchen leer lassen und das Formular trotzdem absenden.
consents-intro-required = Die freiwilligen können Sie leer lassen und das Formular trotzdem absenden.
why-title = Was wir fragen und warum
why-intro = Verantwortlich für Ihre Daten ist { $controller }.
why-what = Was
why-basis = Rechtsgrundlage
why-how-long = Wie lange
why-sealed = Ihre Antworten werden beim Eintreffen mit einem öffentlichen Schlüssel versiegelt. Nur wer den privaten Schlüssel hat, kann sie lesen.
legal-basis-consent = Ihre Einwilligung (Art. 6 Abs. 1 lit. a DSGVO)
legal-basis-contract = Ein Vertrag oder seine Anbahnung (Art. 6 Abs. 1 lit. b DSGVO)
legal-basis-legal-obligation = Eine rechtliche Verpflichtung (Art. 6 Abs. 1 lit. c DSGVO)
legal-basis-vital-interests = Lebenswichtige Interessen (Art. 6 Abs. 1 lit. d DSGVO)
legal-basis-public-task = Eine Aufgabe im öffentlichen Interesse (Art. 6 Abs. 1 lit. e DSGVO)
legal-basis-legitimate-interests = Berechtigte Interessen (Art. 6 Abs. 1 lit. f DSGVO)
retention-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
retention-months = { $count ->
    [one] { $count } Monat
   *[other] { $count } Monate
}
retention-years = { $count ->
    [one] { $count } Jahr
   *[other] { $count } Jahre
}

code-label = Zugangscode
code-hint = Für dieses Formular brauchen Sie einen Code. Sie haben ihn von der Stelle, die Sie darum gebeten hat.
code-wrong = Dieser Code stimmt nicht.
code-button = Formular öffnen
done-incentive = Ein kleines Dankeschön
done-code = Ihr Code
done-no-code = Gerade liegt kein Code für Sie bereit. Bitte schreiben Sie uns und nennen Sie Ihr Zeichen.
done-code-later = Ihr Code ist noch nicht bereit. Er steht später auf dieser Seite; bitte bewahren Sie ihre Adresse auf.
door-address = Ihre E-Mail-Adresse
door-address-hint = Wir schicken einen Code dorthin, damit niemand in Ihrem Namen antwortet.
door-send = Code zuschicken
door-mailed = Wir haben einen Code an { $address } geschickt. Er gilt 15 Minuten.
door-code = Der Code aus der E-Mail
door-wrong = Dieser Code stimmt nicht. Bitte sehen Sie noch einmal nach; nach fünf Versuchen brauchen Sie einen neuen.
door-late = Dieser Code gilt nicht mehr. Bitte lassen Sie sich einen neuen schicken.
door-often = An diese Adresse sind schon mehrere Codes unterwegs. Bitte warten Sie eine Viertelstunde, bevor Sie einen weiteren anfordern.
door-unsent = Wir konnten die E-Mail gerade nicht verschicken. Bitte versuchen Sie es gleich noch einmal.
door-again = Einen anderen Code anfordern
mail-code-subject = Ihr Code für „{ $form }“
mail-code-text =
    Ihr Code für „{ $form }“ lautet:

    { $code }

    Er gilt 15 Minuten. Wenn Sie ihn nicht angefordert haben, müssen Sie nichts tun: Ohne den Code kann niemand in Ihrem Namen antworten.

    { $site }
done-title = Vielen Dank
done-reference = Ihr Zeichen
done-keep = Bitte bewahren Sie es auf: Damit finden wir Ihre Nachricht wieder, wenn Sie uns schreiben.
done-sealed = Ihre Antworten liegen versiegelt bei { $controller }. Wie sie verwendet werden, steht hier:
done-contact = Fragen zu Ihren Daten?
done-again = Formular noch einmal ausfüllen
try-again = Erneut versuchen

policy-version = Fassung { $number }
policy-named = { $title }, Fassung { $number }
policy-effective = gilt ab { $date }
policy-older = Dies ist eine frühere Fassung.
policy-newest = Zur aktuellen Fassung
policy-versions = Fassungen
policy-fingerprint = SHA-256 dieser Fassung

error-required = Bitte beantworten Sie diese Frage
error-wrong-kind = Diese Antwort ist nicht von der richtigen Art
error-too-short = Bitte schreiben Sie mindestens { $limit } Zeichen
error-too-long = Bitte schreiben Sie höchstens { $limit } Zeichen
error-too-small = Bitte geben Sie { $limit } oder mehr an
error-too-large = Bitte geben Sie { $limit } oder weniger an
error-email = Bitte schreiben Sie eine E-Mail-Adresse wie name@example.org
error-phone = Bitte schreiben Sie eine Telefonnummer, aus dem Ausland mit Landesvorwahl wie +43
error-url = Bitte schreiben Sie eine Webadresse, die mit https:// beginnt
error-number = Bitte schreiben Sie eine Zahl wie 12 oder 12,5
error-date = Bitte schreiben Sie ein Datum wie 2026-01-31
error-time = Bitte schreiben Sie eine Uhrzeit wie 14:30
error-pattern = Diese Antwort hat nicht die erwartete Form
error-choice = Bitte wählen Sie eine der angebotenen Antworten
error-choice-withdrawn = Diese Auswahl gibt es nicht mehr; bitte wählen Sie eine andere
error-too-few-choices = Bitte wählen Sie mindestens { $limit }
error-too-many-choices = Bitte wählen Sie höchstens { $limit }
error-characters = Bitte entfernen Sie die Zeichen, die sich nicht anzeigen lassen
error-consent-required = Ohne diese Einwilligung kann das Formular nicht gesendet werden
error-unconfirmed = Bitte kreuzen Sie dieses Feld an, um fortzufahren
error-ranking = Bitte geben Sie jeder Auswahl einen eigenen Platz
error-country = Bitte wählen Sie ein Land aus der Liste
error-too-many-files = { $limit ->
    [1] Bitte wählen Sie nur eine Datei
   *[other] Bitte wählen Sie höchstens { $limit } Dateien
}
error-file-too-large = Bitte wählen Sie eine Datei von höchstens { $limit }
error-file-type = Bitte wählen Sie eine Datei einer dieser Arten: { $limit }
error-file-empty = Diese Datei ist leer. Bitte wählen Sie eine andere
error-files-too-large = Zusammen sind diese Dateien zu groß; bitte bleiben Sie unter { $limit }
error-file-infected = Diese Datei kann Schaden anrichten und wurde nicht behalten. Bitte wählen Sie eine andere
error-not-verified = Bitte verwenden Sie die Adresse, die Sie mit dem Code bestätigt haben
error-file-lost = Diese Datei konnte gerade nicht gespeichert werden. Bitte wählen Sie sie noch einmal

login-title = Anmeldung für Mitarbeitende
login-username = Benutzername
login-password = Passwort
login-button = Anmelden
login-wrong = Benutzername oder Passwort ist falsch.
login-local = Konten dieser Installation
login-others = Andere Wege der Anmeldung
login-no-role = Sie sind als { $name } angemeldet, aber keine Ihrer Gruppen hat hier eine Rolle. Bitte wenden Sie sich an Ihre Administratoren.
login-disabled = Ihr Konto ist hier gesperrt, { $name }. Bitte wenden Sie sich an Ihre Administratoren.
login-away = Der Anmeldedienst Ihres Unternehmens antwortet gerade nicht. Bitte versuchen Sie es gleich noch einmal.
login-misconfigured = Diese Anmeldung ist nicht richtig eingerichtet. Bitte sagen Sie es Ihren Administratoren; das Protokoll nennt den Grund.
login-blocked = { $minutes ->
    [one] Zu viele Fehlversuche. Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.
   *[other] Zu viele Fehlversuche. Bitte warten Sie { $minutes } Minuten und versuchen Sie es dann noch einmal.
}
log-out = Abmelden
setup-title-first = Das erste Konto anlegen
setup-intro-first = Es darf alles. Weitere Konten können Sie danach anlegen.
setup-title = Passwort wählen
setup-intro = Dieser Link funktioniert einmal.
setup-name = Ihr Name, wie ihn die anderen sehen
setup-password = Passwort
setup-password-hint = Mindestens { $shortest } Zeichen; einige Wörter merken sich leichter als Sonderzeichen
setup-repeated = Passwort noch einmal
setup-button = Speichern und anmelden
setup-error-username = Bitte wählen Sie einen Benutzernamen mit höchstens 100 Zeichen und ohne Leerzeichen.
setup-error-taken = Dieser Benutzername ist vergeben.
setup-error-length = Bitte wählen Sie ein Passwort mit mindestens { $shortest } Zeichen.
setup-error-repeated = Die beiden Passwörter sind nicht gleich.

staff-sections = Bereiche
back-to-inbox = Zurück zum Eingang
inbox-title = Eingang
inbox-form = Formular
inbox-all-forms = Alle Formulare
inbox-status = Status
inbox-all-statuses = Jeder Status
inbox-reference = Zeichen
inbox-reference-wrong = Ein Zeichen hat zehn Buchstaben und Ziffern, etwa 7K3MA-Q9PX2.
inbox-show = Anzeigen
inbox-clear = Zurücksetzen
inbox-sender = Absender
inbox-received = Eingegangen
inbox-nothing-found = Zu dieser Auswahl gibt es nichts.
inbox-nothing-yet = Es ist noch nichts eingegangen.
inbox-masked = Persönliche Angaben sind hier verdeckt. Beim Öffnen werden sie gezeigt; das wird vermerkt.
inbox-pages = Seiten
inbox-newest = Neueste
inbox-older = Ältere
status-new = Neu
status-open = In Arbeit
status-done = Erledigt
status-spam = Spam
status-save = Speichern
answer-empty = keine Antwort
answer-other = Anderes: { $text }
part-expires = wird gelöscht am { $date }
part-unopenable = Dieser Teil lässt sich nicht öffnen. Prüfen Sie, ob der Hauptschlüssel zu dieser Installation gehört.
part-export = Diesen Teil versiegelt herunterladen (öffnet sich mit age)
parts-none = Zu dieser Einsendung sind keine Antworten gespeichert.
consents-heading = Einwilligungen
consents-none = Das Formular hat um keine Einwilligung gebeten.
consent-given = Erteilt
consent-refused = Nicht erteilt
consent-withheld = Deshalb nicht gespeichert: { $fields }
shown-heading = Was gezeigt wurde
shown-policy = Datenschutzhinweis
shown-language = Sprache
shown-touchpoint = Kontaktpunkt
shown-method = Eingegangen über
shown-ignored = Unbekannte Felder, nicht beachtet
method-form = die Seite des Formulars
method-api = die Schnittstelle (API)
spam-why = Als möglicher Spam zurückgehalten:
suspicion-trap = Ein Feld wurde ausgefüllt, das niemand sieht
suspicion-too-fast = Schneller gesendet, als man es ausfüllen kann
suspicion-links = Viele Links
suspicion-words = Eines der Wörter des Formulars
suspicion-denied = Adresse auf der Liste des Formulars
suspicion-duplicate = Derselbe Text kam schon einmal
suspicion-no-proof = Kein Rechennachweis, während viele sendeten
history-heading = Verlauf
ledger-submission-opened = Geöffnet
ledger-submission-status-changed = Status geändert
ledger-part-exported = Versiegelten Teil heruntergeladen
ledger-file-opened = Datei heruntergeladen

links-title = Persönliche Links
links-make = Links anlegen
links-names = Namen, einer je Zeile
links-days = Tage bis zum Ablauf (90, wenn leer)
links-fresh = Neue Links
links-once = Bitte jetzt kopieren: Sie werden nur dieses eine Mal gezeigt.
links-none = Es gibt noch keine Links.
links-name = Name
links-since = Seit
links-waiting = nicht geöffnet
links-opened = geöffnet
links-answered = beantwortet
links-expired = abgelaufen
links-open-to-all = Dieses Formular steht allen offen. Mit by_invitation kommt nur hinein, wer einen Link hat.
links-codes-left = Noch nicht vergebene Codes: { $count }
links-wrong-count = Bitte 1 bis { $most } Namen, einer je Zeile.
links-wrong-name = Ein Name hat höchstens { $most } Zeichen.
links-wrong-days = Bitte die Tage als ganze Zahl angeben oder leer lassen.
embed-title = Einbetten
embed-mode = Wie es steht
embed-mode-inline = In der Seite
embed-mode-dialog = Hinter einer Schaltfläche, als Dialog
embed-mode-slide = Hinter einer Schaltfläche, von der Seite
embed-theme = Erscheinungsbild
embed-visitors-own = wie das System der Besucher
embed-theme-light = Hell
embed-theme-dark = Dunkel
embed-theme-contrast = Hoher Kontrast
embed-origin = Seite, die es zeigen soll
embed-origin-wrong = Das ist keine Adresse einer Seite. Schreiben Sie sie wie https://shop.example.
embed-origin-allowed = Seiten von { $origin } dürfen dieses Formular zeigen.
embed-origin-refused = Seiten von { $origin } dürfen dieses Formular noch nicht zeigen. Nehmen Sie diese Zeile in die Definition der Site auf und veröffentlichen Sie sie:
embed-no-origins = Noch darf keine Seite die Formulare dieser Site zeigen. Nennen Sie die Ursprünge in allowed_origins.
embed-script = Skript-Tag
embed-script-hint = Fügen Sie es dort ein, wo das Formular stehen soll. Der Link bleibt für alle ohne Skripte.
embed-element = Eigenes Element
embed-element-hint = Dasselbe als Element, für Seiten, die das Skript einmal laden.
embed-pinned = Festgelegtes Skript
embed-pinned-hint = Genau dieses Skript, geprüft durch seinen Hash; es bleibt auch nach Aktualisierungen gleich.
embed-frame = Einfacher Rahmen
embed-frame-hint = Für Systeme, die keine Skripte annehmen. Die Höhe ist fest.
embed-markup = Eigenes Markup
embed-markup-hint = Ihre Seite kann lesen, was getippt wird. Eine Adresse eines erlaubten Ursprungs in form.redirect führt die Besucher zurück.
embed-markup-missing = Diese Fragen brauchen mehr als ein Bedienelement und fehlen hier: { $fields }. Ist eine davon Pflicht, nehmen Sie das Widget.
embed-policy = Content-Security-Policy
embed-policy-hint = Zwei Direktiven, die eine Seite mit eigener Richtlinie braucht.
embed-origins = Erlaubte Ursprünge
embed-preview = Vorschau
embed-preview-hint = Das ist das Formular selbst: Was Sie hier senden, wird gespeichert.
embed-copy = Kopieren
embed-copied = Kopiert

problem-not-found-title = Seite nicht gefunden
problem-not-found-detail = Unter dieser Adresse gibt es keine Seite. Prüfen Sie die Adresse auf Tippfehler.
problem-form-not-found-title = Formular nicht gefunden
problem-form-not-found-detail = Dieses Formular gibt es nicht. Vielleicht wurde es entfernt.
problem-form-closed-title = Dieses Formular ist geschlossen
problem-form-closed-detail = Dieses Formular nimmt keine Antworten mehr an.
problem-malformed-body-title = Die Anfrage ist nicht lesbar
problem-malformed-body-detail = Der Inhalt ist nicht das, was diese Adresse erwartet: { $value }.
problem-wrong-encoding-title = Falsche Kodierung
problem-wrong-encoding-detail = Der Inhalt ist kein Text in UTF-8. Senden Sie ihn in UTF-8.
problem-wrong-media-type-title = Falscher Medientyp
problem-wrong-media-type-detail = Diese Adresse nimmt { $value }. Setzen Sie Content-Type darauf.
problem-too-large-title = Zu groß
problem-too-large-detail = Die Anfrage ist größer, als dieser Server annimmt. Senden Sie weniger Text.
problem-too-many-fields-title = Zu viele Felder
problem-too-many-fields-detail = Eine Einsendung hat höchstens { $value } Felder.
problem-wrong-language-title = Unbekannte Sprache
problem-wrong-language-detail = Diese Website spricht { $value }.
problem-wrong-touchpoint-title = Unbrauchbarer Kontaktpunkt
problem-wrong-touchpoint-detail = Ein Kontaktpunkt hat 1 bis 63 der Zeichen a-z, 0-9 und Bindestrich.
problem-invalid-answers-title = Einige Antworten passen nicht
problem-invalid-answers-detail = Es wurde nichts gespeichert. Berichtigen Sie, was unter errors steht, und senden Sie das Formular noch einmal.
problem-forged-token-title = Ungültiges Formular-Token
problem-forged-token-detail = Das Token stammt nicht von diesem Server. Holen Sie das Formular neu und senden Sie dessen Token.
problem-expired-token-title = Abgelaufenes Formular-Token
problem-expired-token-detail = Das Formular wurde vor zu langer Zeit geholt. Holen Sie es neu, zeigen Sie, was sich geändert hat, und senden Sie es mit dem neuen Token.
problem-foreign-token-title = Token eines anderen Formulars
problem-foreign-token-detail = Das Token gehört zu einem anderen Formular. Holen Sie dieses Formular und senden Sie dessen Token.
problem-bad-idempotency-key-title = Unbrauchbarer Idempotency-Key
problem-bad-idempotency-key-detail = Ein Idempotency-Key hat 1 bis 255 sichtbare ASCII-Zeichen.
problem-key-reused-title = Idempotency-Key schon verwendet
problem-key-reused-detail = Dieser Schlüssel wurde mit einem anderen Inhalt verwendet. Nehmen Sie für eine neue Einsendung einen neuen.
problem-origin-refused-title = Herkunft nicht erlaubt
problem-origin-refused-detail = Seiten dieser Herkunft dürfen dieses Formular nicht verwenden. Wer die Website betreibt, kann sie in allowed_origins erlauben.
problem-proof-needed-title = Noch ein Schritt
problem-proof-needed-detail = Gerade kommen viele Formulare an, deshalb werden Browser um eine kleine Berechnung gebeten. Lösen Sie die Aufgabe und senden Sie sie als proof mit.
problem-form-early-title = Dieses Formular ist noch nicht geöffnet
problem-form-early-detail = Es nimmt später Antworten an.
problem-form-full-title = Dieses Formular ist voll
problem-form-full-detail = Es hat so viele Antworten angenommen, wie es annimmt.
problem-answered-already-title = Sie haben schon geantwortet
problem-answered-already-detail = Jede Person kann dieses Formular nur begrenzt oft beantworten. Ihre früheren Antworten sind bei uns gut aufgehoben.
problem-link-answered-title = Dieser Link wurde schon benutzt
problem-link-answered-detail = Mit diesem Link wurde das Formular gesendet. Wenden Sie sich an die einladende Stelle, wenn Sie einen weiteren brauchen.
problem-not-admitted-title = Dieses Formular gibt es auf Einladung
problem-not-admitted-detail = Bitte benutzen Sie den Link, der Ihnen gesendet wurde. Er kann abgelaufen oder schon benutzt sein.
problem-too-many-requests-title = Zu viele Anfragen
problem-too-many-requests-detail = Von Ihrer Adresse kam zu viel. Versuchen Sie es in { $value } Sekunden noch einmal.
problem-queue-full-title = Ausgelastet
problem-queue-full-detail = Gerade kommen zu viele Formulare auf einmal. Es wurde nichts gespeichert. Versuchen Sie es gleich noch einmal.
problem-database-away-title = Vorübergehend nicht verfügbar
problem-database-away-detail = Die Datenbank ist nicht erreichbar. Versuchen Sie es gleich noch einmal; mit demselben Idempotency-Key wird nichts doppelt gespeichert.
problem-disk-full-title = Vorübergehend nicht verfügbar
problem-disk-full-detail = Der Server hat keinen Platz mehr. Es wurde nichts gespeichert. Versuchen Sie es später noch einmal.
problem-csrf-title = Nicht von dieser Seite gesendet
problem-csrf-detail = Die Anfrage kam nicht von einer Seite dieser Sitzung. Gehen Sie zurück, laden Sie die Seite neu und wiederholen Sie es.
problem-plain-http-title = Nur verschlüsselte Verbindungen
problem-plain-http-detail = Dieser Server nimmt unverschlüsseltes HTTP nur von seinem eigenen Rechner und seinen Proxys an. Verwenden Sie seine https-Adresse.
problem-forbidden-title = Nicht erlaubt
problem-forbidden-detail = Ihr Konto darf das nicht. Bitten Sie die Administration um die nötige Rolle.
problem-link-spent-title = Dieser Link funktioniert nicht mehr
problem-link-spent-detail = Er wurde schon verwendet oder ist zu alt. Bitten Sie die Administration um einen neuen.
problem-method-not-allowed-title = Hier nicht möglich
problem-method-not-allowed-detail = Diese Adresse nimmt Anfragen dieser Art nicht an.
problem-bad-request-title = Die Anfrage ist nicht lesbar
problem-bad-request-detail = Etwas in der Anfrage hat nicht die erwartete Form.
problem-unopenable-title = Der Teil lässt sich nicht öffnen
problem-unopenable-detail = Der versiegelte Teil lässt sich mit den Schlüsseln dieser Installation nicht öffnen.
problem-internal-title = Etwas ist schiefgegangen
problem-internal-detail = Das ist unser Fehler, und er ist vermerkt. Bitte versuchen Sie es noch einmal.

fault-name-not-resolved = Der Name des Servers ist nicht bekannt: Schreibweise und Namensserver prüfen.
fault-connection-refused = Dort lauscht nichts: Port prüfen, und ob der Server läuft.
fault-connection-lost = Die Verbindung ist abgebrochen.
fault-no-answer = Keine Antwort innerhalb der Zeit.
fault-certificate-expired = Sein Zertifikat ist abgelaufen.
fault-certificate-early = Sein Zertifikat gilt noch nicht: Uhren prüfen.
fault-certificate-foreign = Sein Zertifikat ist für einen anderen Namen ausgestellt.
fault-certificate-unknown = Sein Zertifikat stammt von einer hier unbekannten Stelle: ca_file prüfen.
fault-tls = Keine sichere Verbindung: { $value }.
fault-status = Er antwortete mit dem HTTP-Status { $value }.
fault-too-long = Seine Antwort ist zu lang.
fault-unreadable = Er antwortet, aber nicht wie ein solcher Server: Adresse prüfen.
fault-bind-refused = bind_dn oder das Passwort dazu wird abgelehnt.
fault-base-not-found = { $value } wird nicht gefunden.
fault-filter-unreadable = Ein Filter ist nicht lesbar.
fault-directory-answered = Das Verzeichnis antwortete { $value }.
fault-attribute-missing = Jemand hat nicht genau einen Wert von { $value }: attributes prüfen.
fault-too-many-groups = Jemand ist in zu vielen Gruppen.
fault-issuer-differs = Er nennt sich anders als { $value }: issuer Buchstabe für Buchstabe prüfen.
fault-address-unsafe = Er nennt eine Adresse ohne https: { $value }.
fault-client-refused = Er lehnt diesen Client ab: client_id und Geheimnis prüfen.
fault-clock = Die Uhren weichen um { $value } Sekunden voneinander ab.
fault-metadata = Seine Beschreibung ist unvollständig oder ohne Signaturschlüssel: { $value }
fault-refused = Eine Antwort wurde abgelehnt: { $value }.

login-with = Anmelden mit { $provider }
login-with-another = Mit { $provider } als jemand anderes anmelden
login-or-here = Oder mit Name und Passwort
login-cancelled = Der Anbieter hat Sie nicht angemeldet: Sie haben abgebrochen, oder Sie dürfen diesen Dienst dort nicht nutzen.
login-refused = Die Antwort, die mit Ihrem Browser zurückkam, gilt nicht: Sie ist zu alt, schon verwendet oder nicht für diese Seite bestimmt. Bitte melden Sie sich noch einmal an; geschieht es wieder, sagen Sie es bitte Ihren Administratoren.
onward-sign-in = Weiter zu { $provider }
onward-logout = Abmelden auch bei { $provider }
onward-button = Weiter
logged-out-title = Sie sind abgemeldet
logged-out-again = Wieder anmelden
confirm-title = Sind Sie es noch?
confirm-intro = Was Sie tun wollten, lässt sich nicht zurücknehmen. Bitte weisen Sie sich deshalb noch einmal aus und tun Sie es dann noch einmal.
confirm-elsewhere = Bestätigen mit { $provider }
confirm-button = Bestätigen
confirm-refused = Es ist nicht bestätigt, dass Sie es sind: Die Antwort, die zurückkam, gilt nicht, oder Sie wurden nicht neu gefragt. Bitte versuchen Sie es noch einmal; geschieht es wieder, sagen Sie es bitte Ihren Administratoren.
confirm-somebody-else = Es ist nicht bestätigt, dass Sie es sind: Beim Anbieter hat sich jemand anderes angemeldet. Bitte bestätigen Sie mit Ihrem eigenen Konto.
problem-sign-in-over-title = Diese Anmeldung ist vorbei
problem-sign-in-over-detail = Sie hat länger als zehn Minuten gedauert, wurde schon verwendet oder in einem anderen Browser begonnen. Bitte beginnen Sie noch einmal.

accounts-title = Konten
accounts-end-all = Alle anderen abmelden
accounts-name = Name
accounts-provider = Anmeldung über
accounts-roles = Rollen
accounts-last = Letzte Anmeldung
accounts-disabled = gesperrt
accounts-no-role = Keine Rolle
accounts-never = nie
accounts-later = Weitere Konten
accounts-provider-gone = { $provider } (nicht mehr eingerichtet)
accounts-sessions = Sitzungen
accounts-no-sessions = Nirgends angemeldet.
accounts-began = seit { $at }
accounts-seen = zuletzt benutzt { $at }
accounts-this = diese hier
accounts-end = Beenden
accounts-end-theirs = Alle diese beenden
accounts-remove = Entziehen
accounts-role = Rolle
accounts-place = Wo
accounts-add-role = Rolle geben
accounts-roles-from-groups = Sie ergeben sich bei jeder Anmeldung aus den Gruppen des Kontos.
accounts-access = Zugang
accounts-enable = Wieder zulassen
accounts-disable = Sperren
accounts-disable-hint = Wer gesperrt ist, wird überall abgemeldet und kann sich nicht anmelden, bis die Sperre endet.
accounts-own = Niemand kann sich selbst sperren oder sich eigene Rollen entziehen. Fragen Sie eine andere Administratorin oder einen anderen Administrator.
role-admin = Administration
role-editor = Redaktion
role-reviewer = Bearbeitung
role-auditor = Prüfung
role-everywhere = überall
role-unknown = etwas, das es nicht mehr gibt
providers-title = Anmeldewege
providers-check = Jetzt alle prüfen
providers-intro = Jeder wird stündlich und bei jeder Anmeldung geprüft.
providers-good = funktioniert
providers-bad = funktioniert nicht
providers-unknown = noch nicht geprüft
providers-kind = Art
providers-kind-local = Konten dieser Installation
providers-kind-ldap = LDAP-Verzeichnis
providers-kind-saml = SAML 2.0
providers-kind-cas = CAS
providers-kind-oidc = OpenID Connect
providers-success = Letzter Erfolg
providers-failure = Letzter Fehler
providers-certificate = Zertifikat gilt bis
providers-soon = bald erneuern
door-sign-in-intro = Bitte melden Sie sich an, um dieses Formular auszufüllen.
door-sign-in-frame = Die Anmeldung geht nur auf einer eigenen Seite, nicht innerhalb dieser. Dort steht auch das Formular.
door-sign-in-own-page = Formular öffnen
door-sign-in-impossible = Die Anmeldung ist gerade nicht möglich, deshalb kann dieses Formular nicht ausgefüllt werden. Bitte versuchen Sie es später noch einmal.
door-sign-in-over = Sie sind für dieses Formular nicht angemeldet, oder Ihre Anmeldung ist länger als eine Stunde her. Bitte melden Sie sich an.
door-sign-in-over-sending = Ihre Anmeldung ist länger als eine Stunde her, deshalb wurde nichts gesendet, und nichts davon ist gespeichert. Bitte melden Sie sich an und füllen Sie das Formular noch einmal aus.
door-trouble-cancelled = Sie sind umgekehrt, bevor Sie angemeldet waren.
door-trouble-refused = Die Antwort, mit der Ihr Browser zurückkam, zählt nicht: Sie ist zu alt, wurde schon benutzt oder gilt nicht für diese Seite. Bitte melden Sie sich erneut an.
door-trouble-away = Die Anmeldung geht gerade nicht, weil keine Antwort kommt. Bitte versuchen Sie es gleich noch einmal.
door-trouble-misconfigured = Diese Art der Anmeldung geht gerade nicht. Bitte nehmen Sie eine andere oder kommen Sie später wieder.
door-trouble-not-allowed = Sie sind angemeldet, aber dieses Formular ist nicht für Ihr Konto.
door-trouble-second-factor = Dieses Konto hat einen zweiten Faktor, nach dem hier nicht gefragt wird. Bitte melden Sie sich auf andere Weise an.
identity-name = Name
identity-email = E-Mail-Adresse
identity-subject = Kennung des Kontos
identity-verified = bestätigt von { $provider }
signed-in-as = Sie sind angemeldet als { $name }.
signed-in-other = Sind Sie das nicht?
signed-in-sent = Das wird mit Ihren Antworten gesendet:
problem-not-signed-in-title = Für dieses Formular melden Sie sich an
problem-not-signed-in-detail = Bitte öffnen Sie die eigene Seite des Formulars und melden Sie sich dort an. Eine Anmeldung gilt eine Stunde.

# Das eigene Konto und zweite Faktoren.
setup-error-guessable = Dieses Passwort würde jeder probieren. Bitte nehmen Sie ein paar Wörter, die nichts miteinander zu tun haben, und lassen Sie Ihren Namen und die Namen dieser Website weg.
second-title = Zweiter Faktor
second-code = Code aus Ihrer Authenticator-App
second-button = Weiter
second-passkey = Passkey verwenden
second-recovery = Stattdessen einen Wiederherstellungscode verwenden
second-recovery-code = Wiederherstellungscode
second-recovery-hint = Jeder gilt einmal. Bindestriche und Großschreibung sind egal.
second-recovery-button = Mit diesem Code weiter
second-lost = Alles verloren? Die Administration kann Ihren zweiten Faktor entfernen.
second-other = Mit einem anderen Konto anmelden
second-wrong = Das stimmt nicht oder wurde schon verwendet. Ein Code der App zählt nur einmal: Bitte warten Sie auf den nächsten, oder versuchen Sie es noch einmal.
second-late-title = Das hat zu lange gedauert
second-late = Zu Ihrer Sicherheit endet die Anmeldung nach zehn Minuten. Bitte beginnen Sie von vorn.
second-again = Neu anmelden
account-title = Ihr Konto
account-back = Zurück zu Ihrem Konto
account-name = Benutzername: { $name }
account-elsewhere = Um Ihr Konto kümmert sich ein anderer Anmeldedienst: Passwort und zweiten Faktor ändern Sie dort.
account-done-password = Ihr Passwort ist geändert. Alle anderen Sitzungen sind beendet.
account-done-removed = Der zweite Faktor ist entfernt.
account-done-late = Das hat zu lange gedauert oder war schon erledigt. Gerade wurde nichts geändert.
factors-title = Zweiter Faktor
factors-intro = Mit einem zweiten Faktor öffnet ein gestohlenes Passwort allein nichts: Zur Anmeldung gehört dann auch etwas, das Sie besitzen.
factors-required = Diese Installation verlangt einen zweiten Faktor. Bitte richten Sie einen ein, um weiterzumachen.
factors-none = Sie haben noch keinen zweiten Faktor.
factor-kind-totp = Authenticator-App
factor-kind-passkey = Passkey
factor-label = Bezeichnung
factor-added = Hinzugefügt am { $date }
factor-used = Zuletzt verwendet am { $date }
factor-unused = Noch nicht verwendet
factor-remove = Entfernen
factor-remove-named = Entfernen: { $label }
factor-last = Ihr letzter zweiter Faktor bleibt, weil diese Installation einen verlangt. Fügen Sie zuerst einen anderen hinzu.
totp-add = Authenticator-App hinzufügen
totp-scan = 1. Mit der App scannen
totp-picture = QR-Code mit dem Schlüssel, der darunter steht
totp-by-hand = Oder diesen Schlüssel in die App eintippen:
totp-details = Zeitbasiert, 6 Ziffern, 30 Sekunden, SHA-1: das nimmt jede App, ohne zu fragen.
totp-open = In einer App auf diesem Gerät öffnen
totp-prove = 2. Eintippen, was die App zeigt
totp-code = Sechs Ziffern
totp-label-hint = Zum Wiedererkennen, etwa „Diensttelefon“
totp-button = Hinzufügen
totp-wrong = Dieser Code stimmt nicht. Stellen Sie die Uhr des Telefons auf automatisch und tippen Sie den Code ein, den die App jetzt zeigt.
passkey-add = Passkey hinzufügen
passkey-intro = Ein Passkey bleibt in Ihrem Telefon, Computer, Passwortmanager oder Sicherheitsschlüssel und wird dort mit Finger, Gesicht oder PIN entsperrt. Niemand kann ihn ablesen oder versehentlich verraten bekommen.
passkey-label-hint = Zum Wiedererkennen, etwa „Laptop“ oder „blauer Schlüssel“
passkey-create = Passkey anlegen
passkey-failed = Das hat nicht geklappt oder wurde abgebrochen. Es wurde nichts geändert; Sie können es noch einmal versuchen.
passkey-known = Dieses Gerät hat schon einen Passkey für dieses Konto.
passkey-refused = Was der Browser gesendet hat, lässt sich nicht verwenden. Bitte versuchen Sie es noch einmal.
passkey-no-script = Passkeys brauchen JavaScript.
passkey-nowhere = Passkeys gibt es hier nicht: Browser nehmen sie nur an einer https-Adresse mit Namen, und die dieser Installation ist { $address }. Die Administration kann server.public_url ändern.
codes-title = Wiederherstellungscodes
codes-first = Ihr zweiter Faktor ist eingerichtet.
codes-intro = Jeder dieser Codes vertritt einmal Ihren zweiten Faktor, falls Telefon oder Schlüssel verloren gehen. Drucken Sie sie aus, oder bewahren Sie sie dort auf, wo Ihre Passwörter sind – nicht nur auf dem Telefon.
codes-once = Sie werden nur jetzt gezeigt.
codes-kept = Ich habe sie aufbewahrt
codes-left = { $count ->
    [0] Sie haben keine Wiederherstellungscodes mehr.
    [one] Sie haben noch einen Wiederherstellungscode.
   *[other] Sie haben noch { $count } Wiederherstellungscodes.
}
codes-few = Bitte erstellen Sie neue.
codes-make = Neue Wiederherstellungscodes erstellen
codes-make-hint = Die alten gelten dann nicht mehr.
password-title = Passwort ändern
password-intro = Alle anderen Sitzungen von Ihnen enden.
password-old = Ihr bisheriges Passwort
password-new = Neues Passwort
password-repeated = Neues Passwort noch einmal
password-old-wrong = Das bisherige Passwort stimmt nicht.

# On the way to a provider
onward-intro = Sie werden sofort dorthin geleitet. Geschieht nichts, gehen Sie bitte von Hand weiter.

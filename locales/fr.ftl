date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year }
moment = { $date }, { $time } UTC
skip-to-content = Aller au contenu
languages = Langues
yes = Oui
no = Non
optional = facultatif
required = obligatoire
other = Autre
other-text = Veuillez préciser
new-window = s’ouvre dans une nouvelle fenêtre
title-error = Erreur :
summary-title = Veuillez vérifier vos réponses
characters-left = caractères restants
nps-low = Pas du tout probable
nps-high = Très probable
rating-low = Mauvais
rating-high = Excellent

form-submit = Envoyer
form-sending = Envoi en cours…
form-slow = Envoi toujours en cours. Votre connexion est lente ; veuillez laisser cette page ouverte.
form-offline = Vous êtes hors ligne. Vos réponses restent sur cette page ; envoyez-les quand la connexion sera rétablie.
form-online = Vous êtes de nouveau en ligne. Vous pouvez envoyer le formulaire.
form-unsent = Vos réponses n’ont pas pu être envoyées à l’instant. Rien n’est perdu : elles sont toujours sur cette page. Veuillez appuyer de nouveau sur le bouton dans un instant.
form-trap = Laissez ce champ vide
file-keep = Garder { $name }
form-page-of = Page { $page } sur { $pages }
form-next = Continuer
form-back = Retour
form-minutes = { $count ->
    [one] Prend environ une minute
   *[other] Prend environ { $count } minutes
}
when-note = Pour vous seulement si { $condition }.
when-and = et
when-or = ou
when-equals = « { $question } » vaut « { $value } »
when-contains = « { $question } » comprend « { $value } »
when-greater = « { $question } » dépasse { $value }
when-less = « { $question } » est inférieur à { $value }
when-answered = vous avez répondu à « { $question } »
when-unanswered = vous n’avez pas répondu à « { $question } »
address-street = Numéro et rue
address-extra = Complément, comme l’appartement ou l’entreprise
address-postal-code = Code postal
address-city = Ville
address-region = État ou région
address-country = Pays
form-notice-expired = Cette page est restée ouverte si longtemps qu’il a fallu la renouveler. Vos réponses sont toujours là. Veuillez relire les consentements et envoyer de nouveau.
form-notice-unverified = Nous n’avons pas pu vérifier que cette page venait de nous. Vos réponses sont toujours là. Veuillez relire les consentements et envoyer de nouveau.
form-notice-sent-already = Ce formulaire a déjà été envoyé depuis cette page. Pour l’envoyer encore une fois avec ces modifications, envoyez-le de nouveau.
form-notice-not-stored = Vos réponses n’ont pas pu être enregistrées pour le moment. Rien n’est perdu : elles sont toujours sur cette page. Veuillez envoyer de nouveau dans un instant.
consents-title = Votre choix
consents-intro = Vous pouvez laisser chacune de ces cases vide et envoyer quand même le formulaire.
consents-intro-required = Vous pouvez laisser vides celles qui sont facultatives et envoyer quand même le formulaire.
why-title = Ce que nous demandons et pourquoi
why-intro = { $controller } est responsable de vos données.
why-what = Quoi
why-basis = Base juridique
why-how-long = Combien de temps
why-sealed = Vos réponses sont scellées avec une clé publique dès leur arrivée. Seules les personnes qui détiennent la clé privée peuvent les lire.
legal-basis-consent = Votre consentement (RGPD, art. 6, par. 1, point a)
legal-basis-contract = Un contrat ou sa préparation (RGPD, art. 6, par. 1, point b)
legal-basis-legal-obligation = Une obligation légale (RGPD, art. 6, par. 1, point c)
legal-basis-vital-interests = Des intérêts vitaux (RGPD, art. 6, par. 1, point d)
legal-basis-public-task = Une mission d’intérêt public (RGPD, art. 6, par. 1, point e)
legal-basis-legitimate-interests = Des intérêts légitimes (RGPD, art. 6, par. 1, point f)
retention-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
retention-months = { $count ->
    [one] { $count } mois
   *[other] { $count } mois
}
retention-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}

code-label = Code d’accès
code-hint = Ce formulaire demande un code. Vous l’avez reçu de qui vous a demandé de le remplir.
code-wrong = Ce code n’est pas le bon.
code-button = Ouvrir le formulaire
done-incentive = Un petit merci
done-code = Votre code
done-no-code = Aucun code n’est disponible pour vous en ce moment. Veuillez nous écrire en indiquant votre référence.
done-code-later = Votre code n’est pas encore prêt. Il figurera sur cette page ; conservez-en l’adresse.
door-address = Votre adresse e-mail
door-address-hint = Nous y envoyons un code, afin que personne ne réponde en votre nom.
door-send = M’envoyer un code
door-mailed = Nous avons envoyé un code à { $address }. Il est valable 15 minutes.
door-code = Le code reçu par e-mail
door-wrong = Ce code n’est pas correct. Veuillez vérifier ; après cinq essais, il vous en faudra un nouveau.
door-late = Ce code n’est plus valable. Veuillez en demander un nouveau.
door-often = Plusieurs codes sont déjà en route vers cette adresse. Veuillez patienter un quart d’heure avant d’en demander un autre.
door-unsent = Nous n’avons pas pu envoyer l’e-mail à l’instant. Veuillez réessayer dans un moment.
door-again = Demander un autre code
mail-code-subject = Votre code pour « { $form } »
mail-code-text =
    Votre code pour « { $form } » est :

    { $code }

    Il est valable 15 minutes. Si vous ne l’avez pas demandé, vous n’avez rien à faire : sans ce code, personne ne peut répondre en votre nom.

    { $site }
done-title = Merci
done-reference = Votre référence
done-keep = Veuillez la conserver : elle nous permet de retrouver votre message quand vous nous écrivez.
done-sealed = Vos réponses sont scellées et entre les mains de { $controller }. Leur utilisation est décrite ici :
done-contact = Des questions sur vos données ?
done-again = Remplir de nouveau le formulaire
done-mine = Voir ce qui est conservé sur vous et retirer un consentement
try-again = Réessayer

policy-version = version { $number }
policy-named = { $title }, version { $number }
policy-effective = en vigueur à partir du { $date }
policy-older = Ceci est une version antérieure.
policy-newest = Lire la version actuelle
policy-versions = Versions
policy-fingerprint = SHA-256 de cette version

error-required = Veuillez répondre à cette question
error-wrong-kind = Cette réponse n’est pas du bon type
error-too-short = Veuillez écrire au moins { $limit } caractères
error-too-long = Veuillez ne pas dépasser { $limit } caractères
error-too-small = Veuillez indiquer { $limit } ou plus
error-too-large = Veuillez indiquer { $limit } ou moins
error-email = Veuillez écrire une adresse électronique comme nom@example.org
error-phone = Veuillez écrire un numéro de téléphone, avec l’indicatif du pays comme +33 depuis l’étranger
error-url = Veuillez écrire une adresse web qui commence par https://
error-number = Veuillez écrire un nombre comme 12 ou 12,5
error-date = Veuillez écrire une date comme 2026-01-31
error-time = Veuillez écrire une heure comme 14:30
error-pattern = Cette réponse n’a pas la forme attendue
error-choice = Veuillez choisir l’une des réponses proposées
error-choice-withdrawn = Ce choix n’est plus proposé ; veuillez en faire un autre
error-too-few-choices = Veuillez choisir au moins { $limit } réponses
error-too-many-choices = Veuillez ne pas choisir plus de { $limit } réponses
error-characters = Veuillez retirer les caractères qui ne peuvent pas être affichés
error-consent-required = Le formulaire ne peut pas être envoyé sans ce consentement
error-unconfirmed = Veuillez cocher cette case pour continuer
error-ranking = Veuillez donner à chaque choix sa propre place
error-country = Veuillez choisir un pays dans la liste
error-too-many-files = { $limit ->
    [1] Veuillez choisir un seul fichier
   *[other] Veuillez choisir { $limit } fichiers au plus
}
error-file-too-large = Veuillez choisir un fichier de { $limit } au plus
error-file-type = Veuillez choisir un fichier de l’un de ces types : { $limit }
error-file-empty = Ce fichier est vide. Veuillez en choisir un autre
error-files-too-large = Ensemble, ces fichiers sont trop volumineux ; veuillez rester en dessous de { $limit }
error-file-infected = Ce fichier pourrait être nuisible et n’a pas été conservé. Veuillez en choisir un autre
error-not-verified = Veuillez utiliser l’adresse que vous avez confirmée avec le code
error-file-lost = Ce fichier n’a pas pu être conservé à l’instant. Veuillez le choisir de nouveau

login-title = Connexion du personnel
login-username = Nom d’utilisateur
login-password = Mot de passe
login-button = Se connecter
login-wrong = Le nom d’utilisateur ou le mot de passe est faux.
login-local = Comptes de cette installation
login-others = Autres façons de se connecter
login-no-role = Vous êtes connecté en tant que { $name }, mais aucun de vos groupes n’a de rôle ici. Adressez-vous à l’administration.
login-disabled = Votre compte est désactivé ici, { $name }. Adressez-vous à l’administration.
login-away = Le fournisseur qui vous connecte ne répond pas pour le moment. Veuillez réessayer dans un instant.
login-misconfigured = Cette connexion n’est pas bien configurée. Prévenez l’administration ; le journal en donne la raison.
login-blocked = { $minutes ->
    [one] Trop d’essais manqués. Veuillez attendre une minute puis réessayer.
   *[other] Trop d’essais manqués. Veuillez attendre { $minutes } minutes puis réessayer.
}
log-out = Se déconnecter
setup-title-first = Créer le premier compte
setup-intro-first = Il peut tout faire. Vous pourrez ensuite créer d’autres comptes.
setup-title = Choisir un mot de passe
setup-intro = Ce lien fonctionne une seule fois.
setup-name = Votre nom, tel que vos collègues le voient
setup-password = Mot de passe
setup-password-hint = Au moins { $shortest } caractères ; quelques mots se retiennent mieux que des signes
setup-repeated = Mot de passe, encore une fois
setup-button = Enregistrer et se connecter
setup-error-username = Veuillez choisir un nom d’utilisateur de 100 caractères au plus, sans espace.
setup-error-taken = Ce nom d’utilisateur est déjà pris.
setup-error-length = Veuillez choisir un mot de passe d’au moins { $shortest } caractères.
setup-error-repeated = Les deux mots de passe ne sont pas identiques.

staff-sections = Rubriques
back-to-inbox = Retour à la boîte de réception
inbox-title = Boîte de réception
inbox-form = Formulaire
inbox-all-forms = Tous les formulaires
inbox-status = État
inbox-all-statuses = Tous les états
inbox-reference = Référence
inbox-reference-wrong = Une référence compte dix lettres et chiffres, comme 7K3MA-Q9PX2.
inbox-show = Afficher
inbox-clear = Effacer
inbox-sender = Expéditeur
inbox-received = Reçu
inbox-nothing-found = Rien ne correspond à cette sélection.
inbox-nothing-yet = Rien n’est encore arrivé.
inbox-masked = Les données personnelles sont masquées ici. L’ouverture les montre, et elle est consignée.
inbox-pages = Pages
inbox-newest = Plus récents
inbox-older = Plus anciens
status-new = Nouveau
status-open = En cours
status-done = Traité
status-spam = Indésirable
status-save = Enregistrer
answer-empty = sans réponse
answer-other = Autre : { $text }
part-expires = sera effacé le { $date }
part-unopenable = Cette partie ne s’ouvre pas. Vérifiez que la clé principale est bien celle de cette installation.
part-export = Télécharger cette partie scellée (s’ouvre avec age)
parts-none = Aucune réponse n’est conservée pour cet envoi.
consents-heading = Consentements
consents-none = Le formulaire n’a demandé aucun consentement.
consent-given = Donné
consent-refused = Refusé
consent-withdrawn = Retiré
consent-withheld = Non conservé en raison du refus : { $fields }
shown-heading = Ce qui a été montré
shown-policy = Politique de confidentialité
shown-language = Langue
shown-touchpoint = Point de contact
shown-method = Arrivé par
shown-ignored = Champs inconnus ignorés
method-form = la page du formulaire
method-api = l’API
spam-why = Retenu comme possible indésirable :
suspicion-trap = Un champ que personne ne voit a été rempli
suspicion-too-fast = Envoyé plus vite qu’on ne peut le remplir
suspicion-links = Beaucoup de liens
suspicion-words = L’un des mots du formulaire
suspicion-denied = Adresse de la liste du formulaire
suspicion-duplicate = Le même texte est déjà venu
suspicion-no-proof = Pas de preuve de calcul alors que beaucoup envoyaient
history-heading = Historique
ledger-submission-opened = Ouvert
ledger-submission-status-changed = État modifié
ledger-part-exported = Partie scellée téléchargée
ledger-file-opened = Fichier téléchargé
ledger-part-erased = Partie effacée
ledger-part-restricted = Partie qui n’est plus utilisée

links-title = Liens personnels
links-make = Créer des liens
links-names = Noms, un par ligne
links-days = Jours avant expiration (90 si vide)
links-fresh = Nouveaux liens
links-once = Copiez-les maintenant : ils ne sont affichés qu’une seule fois.
links-none = Il n’y a pas encore de liens.
links-name = Nom
links-since = Depuis
links-waiting = non ouvert
links-opened = ouvert
links-answered = répondu
links-expired = expiré
links-open-to-all = Ce formulaire est ouvert à tous. Avec by_invitation, seules les personnes ayant un lien peuvent y entrer.
links-codes-left = Codes encore disponibles : { $count }
links-wrong-count = Indiquez de 1 à { $most } noms, un par ligne.
links-wrong-name = Un nom compte au plus { $most } caractères.
links-wrong-days = Indiquez les jours en nombre entier, ou laissez vide.
embed-title = Intégrer
embed-mode = Présentation
embed-mode-inline = Dans la page
embed-mode-dialog = Derrière un bouton, en dialogue
embed-mode-slide = Derrière un bouton, depuis le côté
embed-theme = Apparence
embed-visitors-own = selon le système du visiteur
embed-theme-light = Claire
embed-theme-dark = Sombre
embed-theme-contrast = Contraste élevé
embed-origin = Page qui l’affichera
embed-origin-wrong = Ce n’est pas l’adresse d’une page. Écrivez-la comme https://shop.example.
embed-origin-allowed = Les pages de { $origin } peuvent afficher ce formulaire.
embed-origin-refused = Les pages de { $origin } ne peuvent pas encore afficher ce formulaire. Ajoutez cette ligne à la définition du site et publiez-la :
embed-no-origins = Aucune page ne peut encore afficher les formulaires de ce site. Nommez les origines dans allowed_origins.
embed-script = Balise script
embed-script-hint = Collez-la là où le formulaire doit apparaître. Le lien reste pour ceux qui n’ont pas de scripts.
embed-element = Élément personnalisé
embed-element-hint = La même chose en élément, pour les pages qui chargent le script une fois.
embed-pinned = Script épinglé
embed-pinned-hint = Exactement ce script, vérifié par son empreinte ; il ne change pas après les mises à jour.
embed-frame = Cadre simple
embed-frame-hint = Pour les systèmes qui n’acceptent pas de scripts. Sa hauteur est fixe.
embed-markup = Votre propre balisage
embed-markup-hint = Votre page peut lire ce qui est tapé. Une adresse d’origine autorisée dans form.redirect ramène les visiteurs.
embed-markup-missing = Ces questions demandent plusieurs champs et manquent ici : { $fields }. Si l’une d’elles est obligatoire, utilisez le widget.
embed-policy = Content-Security-Policy
embed-policy-hint = Deux directives nécessaires à une page qui a sa propre politique.
embed-origins = Origines autorisées
embed-preview = Aperçu
embed-preview-hint = C’est le formulaire lui-même : ce que vous envoyez ici est enregistré.
embed-copy = Copier
embed-copied = Copié

problem-not-found-title = Page introuvable
problem-not-found-detail = Il n’y a pas de page à cette adresse. Vérifiez qu’elle est bien écrite.
problem-form-not-found-title = Formulaire introuvable
problem-form-not-found-detail = Ce formulaire n’existe pas. Il a peut-être été retiré.
problem-form-closed-title = Ce formulaire est fermé
problem-form-closed-detail = Ce formulaire ne reçoit plus de réponses.
problem-malformed-body-title = La requête est illisible
problem-malformed-body-detail = Le contenu n’est pas celui que cette adresse attend : { $value }.
problem-wrong-encoding-title = Mauvais encodage
problem-wrong-encoding-detail = Le contenu n’est pas du texte en UTF-8. Envoyez-le en UTF-8.
problem-wrong-media-type-title = Mauvais type de média
problem-wrong-media-type-detail = Cette adresse attend { $value }. Indiquez-le dans Content-Type.
problem-too-large-title = Trop volumineux
problem-too-large-detail = La requête dépasse ce que ce serveur accepte. Envoyez moins de texte.
problem-too-many-fields-title = Trop de champs
problem-too-many-fields-detail = Un envoi compte au plus { $value } champs.
problem-wrong-language-title = Langue inconnue
problem-wrong-language-detail = Ce site parle { $value }.
problem-wrong-touchpoint-title = Point de contact inutilisable
problem-wrong-touchpoint-detail = Un point de contact compte 1 à 63 des caractères a-z, 0-9 et trait d’union.
problem-invalid-answers-title = Certaines réponses ne conviennent pas
problem-invalid-answers-detail = Rien n’a été enregistré. Corrigez ce qui est indiqué sous errors et envoyez de nouveau le formulaire.
problem-forged-token-title = Jeton de formulaire non valable
problem-forged-token-detail = Le jeton n’a pas été créé par ce serveur. Demandez de nouveau le formulaire et envoyez son jeton.
problem-expired-token-title = Jeton de formulaire expiré
problem-expired-token-detail = Le formulaire a été demandé il y a trop longtemps. Demandez-le de nouveau, montrez ce qui a changé et envoyez-le avec le nouveau jeton.
problem-foreign-token-title = Jeton d’un autre formulaire
problem-foreign-token-detail = Le jeton appartient à un autre formulaire. Demandez ce formulaire et envoyez son jeton.
problem-bad-idempotency-key-title = Idempotency-Key inutilisable
problem-bad-idempotency-key-detail = Une Idempotency-Key compte 1 à 255 caractères ASCII visibles.
problem-key-reused-title = Idempotency-Key déjà utilisée
problem-key-reused-detail = Cette clé a servi avec un autre contenu. Prenez une nouvelle clé pour un nouvel envoi.
problem-origin-refused-title = Origine non autorisée
problem-origin-refused-detail = Les pages de cette origine ne peuvent pas utiliser ce formulaire. Le propriétaire du site peut l’autoriser dans allowed_origins.
problem-proof-needed-title = Encore une étape
problem-proof-needed-detail = Beaucoup de formulaires arrivent en ce moment ; un petit calcul est donc demandé aux navigateurs. Résolvez le défi et joignez-le comme proof.
problem-form-early-title = Ce formulaire n’est pas encore ouvert
problem-form-early-detail = Il acceptera des réponses plus tard.
problem-form-full-title = Ce formulaire est complet
problem-form-full-detail = Il a reçu autant de réponses qu’il en accepte.
problem-answered-already-title = Vous avez déjà répondu
problem-answered-already-detail = Chaque personne ne peut répondre qu’un nombre limité de fois. Vos réponses précédentes sont en sûreté chez nous.
problem-link-answered-title = Ce lien a déjà servi
problem-link-answered-detail = Le formulaire a été envoyé avec ce lien. Adressez-vous à qui vous a invité s’il vous en faut un autre.
problem-not-admitted-title = Ce formulaire est sur invitation
problem-not-admitted-detail = Veuillez utiliser le lien qui vous a été envoyé. Il a peut-être expiré ou déjà servi.
problem-too-many-requests-title = Trop de requêtes
problem-too-many-requests-detail = Trop de requêtes sont venues de votre adresse. Réessayez dans { $value } secondes.
problem-queue-full-title = Très sollicité
problem-queue-full-detail = Trop de formulaires arrivent en même temps. Rien n’a été enregistré. Réessayez dans un instant.
problem-database-away-title = Momentanément indisponible
problem-database-away-detail = La base de données est injoignable. Réessayez dans un instant ; avec la même Idempotency-Key, rien n’est enregistré deux fois.
problem-disk-full-title = Momentanément indisponible
problem-disk-full-detail = Le serveur n’a plus de place. Rien n’a été enregistré. Réessayez plus tard.
problem-csrf-title = Non envoyé depuis cette page
problem-csrf-detail = La requête ne vient pas d’une page de cette session. Revenez en arrière, rechargez la page et recommencez.
problem-plain-http-title = Connexions chiffrées seulement
problem-plain-http-detail = Ce serveur n’accepte le HTTP non chiffré que de sa propre machine et de ses proxys. Utilisez son adresse https.
problem-forbidden-title = Non autorisé
problem-forbidden-detail = Votre compte ne peut pas faire cela. Demandez à l’administration le rôle nécessaire.
problem-link-spent-title = Ce lien ne fonctionne plus
problem-link-spent-detail = Il a déjà servi ou il est trop ancien. Demandez-en un nouveau à l’administration.
problem-person-link-over-title = Ce lien ne fonctionne plus
problem-person-link-over-detail = Il a expiré ou n’a jamais existé. Veuillez écrire à ceux qui ont vos données.
problem-method-not-allowed-title = Impossible ici
problem-method-not-allowed-detail = Cette adresse n’accepte pas les requêtes de ce genre.
problem-bad-request-title = La requête est illisible
problem-bad-request-detail = Un élément de la requête n’a pas la forme attendue.
problem-unopenable-title = La partie ne s’ouvre pas
problem-unopenable-detail = La partie scellée ne s’ouvre pas avec les clés de cette installation.
problem-internal-title = Un problème est survenu
problem-internal-detail = C’est notre erreur, et elle est notée. Veuillez réessayer.

fault-name-not-resolved = Le nom du serveur est inconnu : vérifiez son orthographe et le serveur de noms.
fault-connection-refused = Aucun serveur n’accepte de connexion à cet endroit : vérifiez le port et si le serveur fonctionne.
fault-connection-lost = La connexion a été perdue : vérifiez le port, et que les deux côtés utilisent TLS.
fault-no-answer = Pas de réponse à temps : vérifiez le réseau et le pare-feu.
fault-certificate-expired = Son certificat a expiré.
fault-certificate-early = Son certificat n’est pas encore valable : vérifiez les horloges.
fault-certificate-foreign = Son certificat est établi pour un autre nom : utilisez le nom qui figure dans le certificat.
fault-certificate-unknown = Son certificat vient d’une autorité inconnue ici : vérifiez ca_file.
fault-tls = Pas de connexion sécurisée : { $value }.
fault-status = Il a répondu avec le statut HTTP { $value } : vérifiez l’adresse et son journal.
fault-too-long = Sa réponse est trop longue : vérifiez l’adresse.
fault-unreadable = Il répond, mais pas comme un tel serveur : vérifiez l’adresse.
fault-bind-refused = bind_dn ou son mot de passe est refusé.
fault-base-not-found = { $value } est introuvable : vérifiez le nom et le droit de lecture.
fault-filter-unreadable = Un filtre est illisible : vérifiez ses parenthèses.
fault-directory-answered = L’annuaire a répondu { $value }.
fault-attribute-missing = Une personne n’a pas exactement une valeur de { $value } : vérifiez attributes.
fault-too-many-groups = Une personne appartient à trop de groupes : restreignez group_base ou group_filter.
fault-issuer-differs = Il porte un autre nom que { $value } : vérifiez issuer à la lettre.
fault-address-unsafe = Il indique une adresse qui est sans https, est illisible, ou mène à cette machine ou à un réseau privé : réglez-le pour qu’il utilise https et son propre nom d’hôte. Adresse : { $value }
fault-client-refused = Il refuse ce client : vérifiez client_id et le secret.
fault-clock = Les horloges diffèrent de { $value } secondes.
fault-metadata = Sa description est incomplète, sans clé de signature ou inutilisable pour une autre raison : { $value }
fault-refused = Une réponse a été refusée : { $value }.

login-with = Se connecter avec { $provider }
login-with-another = Se connecter avec { $provider } sous un autre compte
login-or-here = Ou avec nom d’utilisateur et mot de passe
login-cancelled = Le fournisseur ne vous a pas connecté : vous avez renoncé, ou il ne vous permet pas d’utiliser ce service. Veuillez réessayer, ou adressez-vous à l’administration.
login-refused = La réponse rapportée par votre navigateur n’est pas valable : elle est trop ancienne, a déjà servi ou n’est pas destinée à cette page. Veuillez vous connecter de nouveau ; si cela se reproduit, prévenez l’administration.
onward-sign-in = Vers { $provider }
onward-logout = Déconnexion aussi chez { $provider }
onward-button = Continuer
logged-out-title = Vous êtes déconnecté
logged-out-again = Se reconnecter
confirm-title = Est-ce toujours vous ?
confirm-intro = Pour votre sécurité, veuillez prouver encore une fois qui vous êtes. Rien n’a encore été fait : veuillez ensuite recommencer.
confirm-elsewhere = Confirmer avec { $provider }
confirm-button = Confirmer
confirm-refused = Votre identité n’a pas été confirmée : la réponse reçue n’est pas valable, ou rien ne vous a été redemandé. Veuillez réessayer ; si cela se reproduit, prévenez l’administration.
confirm-somebody-else = Votre identité n’a pas été confirmée : quelqu’un d’autre s’est connecté auprès du fournisseur. Veuillez confirmer avec votre propre compte.
problem-sign-in-over-title = Cette connexion est terminée
problem-sign-in-over-detail = Elle a duré plus de dix minutes, a déjà servi ou a été commencée dans un autre navigateur. Veuillez recommencer.

accounts-title = Comptes
accounts-end-all = Déconnecter tous les autres
accounts-name = Nom
accounts-provider = Connexion par
accounts-roles = Rôles
accounts-last = Dernière connexion
accounts-disabled = désactivé
accounts-no-role = Aucun rôle
accounts-never = jamais
accounts-later = Autres comptes
accounts-provider-gone = { $provider } (n’est plus configuré)
accounts-sessions = Sessions
accounts-no-sessions = Connecté nulle part.
accounts-began = depuis le { $at }
accounts-seen = utilisée pour la dernière fois le { $at }
accounts-this = celle-ci
accounts-end = Fermer
accounts-end-theirs = Les fermer toutes
accounts-remove = Retirer
accounts-role = Rôle
accounts-place = Où
accounts-add-role = Ajouter le rôle
accounts-roles-from-groups = Ils viennent des groupes du compte, à chaque connexion.
accounts-access = Accès
accounts-enable = Réactiver
accounts-disable = Désactiver
accounts-disable-hint = Un compte désactivé est déconnecté partout et ne peut plus se connecter tant qu’il n’est pas réactivé.
accounts-own = Personne ne peut désactiver son propre compte ni se retirer ses propres rôles. Demandez à une autre personne de l’administration.
role-admin = Administration
role-editor = Rédaction
role-reviewer = Traitement
role-auditor = Audit
role-everywhere = partout
role-unknown = quelque chose qui n’existe plus
providers-title = Moyens de connexion
providers-check = Tout essayer maintenant
providers-intro = Chacun est essayé une fois par heure et à chaque connexion.
providers-good = fonctionne
providers-bad = ne fonctionne pas
providers-unknown = pas encore essayé
providers-kind = Type
providers-kind-local = Comptes de cette installation
providers-kind-ldap = Annuaire LDAP
providers-kind-saml = SAML 2.0
providers-kind-cas = CAS
providers-kind-oidc = OpenID Connect
providers-success = Dernier succès
providers-failure = Dernier échec
providers-certificate = Certificat valable jusqu’au
providers-soon = à renouveler bientôt
door-sign-in-intro = Veuillez vous connecter pour remplir ce formulaire.
door-sign-in-frame = La connexion se fait sur une page à part, pas à l’intérieur de celle-ci. Le formulaire s’y trouve aussi.
door-sign-in-own-page = Ouvrir le formulaire
door-sign-in-impossible = La connexion n’est pas possible pour le moment ; ce formulaire ne peut donc pas être rempli. Veuillez réessayer plus tard.
door-sign-in-over = Vous n’êtes pas connecté pour ce formulaire, ou votre connexion date de plus d’une heure. Veuillez vous connecter.
door-sign-in-over-sending = Votre connexion date de plus d’une heure ; rien n’a été envoyé ni conservé. Veuillez vous connecter et remplir de nouveau le formulaire.
door-trouble-cancelled = Vous n’avez pas été connecté : vous avez renoncé, ou votre compte ne peut pas être utilisé ici. Veuillez réessayer ou utiliser un autre compte.
door-trouble-refused = La réponse rapportée par votre navigateur n’est pas valable : elle est trop ancienne, a déjà servi ou n’est pas destinée à cette page. Veuillez vous connecter de nouveau.
door-trouble-away = La connexion ne fonctionne pas pour le moment, car aucune réponse n’arrive. Veuillez réessayer dans un instant.
door-trouble-misconfigured = Cette façon de se connecter ne fonctionne pas pour le moment. Veuillez en choisir une autre ou revenir plus tard.
door-trouble-not-allowed = Vous êtes connecté, mais ce formulaire n’est pas destiné à votre compte. Si vous avez un autre compte, veuillez l’utiliser.
door-trouble-second-factor = Ce compte a un second facteur, qui n’est pas demandé ici. Veuillez vous connecter autrement.
identity-name = Nom
identity-email = Adresse e-mail
identity-subject = Identifiant du compte
identity-verified = vérifié par { $provider }
signed-in-as = Vous êtes connecté en tant que { $name }.
signed-in-other = Ce n’est pas vous ?
signed-in-sent = Ceci est envoyé avec vos réponses :
problem-not-signed-in-title = Ce formulaire demande une connexion
problem-not-signed-in-detail = Veuillez ouvrir la page du formulaire et vous y connecter. Une connexion est valable une heure.

# Le compte d’une personne, et les seconds facteurs.
setup-error-guessable = N’importe qui essaierait ce mot de passe. Choisissez quelques mots sans rapport entre eux, sans votre nom ni les noms de ce site.
second-title = Second facteur
second-code = Code de votre application d’authentification
second-button = Continuer
second-passkey = Utiliser une clé d’accès
second-recovery = Utiliser plutôt un code de secours
second-recovery-code = Code de secours
second-recovery-hint = Chacun sert une fois. Les tirets et les majuscules n’ont pas d’importance.
second-recovery-button = Continuer avec ce code
second-lost = Tout perdu ? L’administration peut retirer votre second facteur.
second-other = Se connecter avec un autre compte
second-wrong = Ce n’est pas correct, ou cela a déjà servi. Le code d’une application ne sert qu’une fois : attendez le suivant, ou réessayez.
second-late-title = Cela a pris trop de temps
second-late = Pour votre sécurité, la connexion prend fin au bout de dix minutes. Veuillez recommencer.
second-again = Se connecter de nouveau
account-title = Votre compte
account-back = Retour à votre compte
account-name = Nom d’utilisateur : { $name }
account-elsewhere = Un autre service de connexion gère votre compte : son mot de passe et son second facteur se changent là-bas.
account-done-password = Votre mot de passe est changé. Toutes vos autres sessions ont pris fin.
account-done-removed = Le second facteur est retiré.
account-done-late = Cela a pris trop de temps, ou était déjà fait. Rien n’a été changé à l’instant. S’il manque quelque chose ci-dessous, veuillez recommencer.
factors-title = Second facteur
factors-intro = Avec un second facteur, un mot de passe volé n’ouvre rien à lui seul : la connexion demande aussi quelque chose que vous possédez.
factors-required = Cette installation demande un second facteur. Veuillez en ajouter un pour continuer.
factors-none = Vous n’avez pas encore de second facteur.
factor-kind-totp = Application d’authentification
factor-kind-passkey = Clé d’accès
factor-label = Comment l’appeler
factor-added = Ajouté le { $date }
factor-used = Utilisé pour la dernière fois le { $date }
factor-unused = Pas encore utilisé
factor-remove = Retirer
factor-remove-named = Retirer : { $label }
factor-last = Votre dernier second facteur reste, car cette installation en demande un. Ajoutez-en d’abord un autre.
totp-add = Ajouter une application d’authentification
totp-scan = 1. Scannez ceci avec l’application
totp-picture = Code QR contenant la clé ci-dessous
totp-by-hand = Ou saisissez cette clé dans l’application :
totp-details = Si l’application le demande : basé sur le temps, 6 chiffres, 30 secondes, SHA-1.
totp-open = Ouvrir dans une application de cet appareil
totp-prove = 2. Saisissez ce que l’application affiche
totp-code = Six chiffres
totp-label-hint = Pour la reconnaître, par exemple « téléphone de travail »
totp-button = Ajouter
totp-wrong = Ce code n’est pas correct. Réglez l’heure du téléphone sur automatique, et saisissez le code affiché en ce moment.
passkey-add = Ajouter une clé d’accès
passkey-intro = Une clé d’accès reste dans votre téléphone, votre ordinateur, votre gestionnaire de mots de passe ou une clé de sécurité, et s’y déverrouille par le doigt, le visage ou un code. Personne ne peut la lire, et vous ne pouvez pas la révéler par erreur.
passkey-label-hint = Pour la reconnaître, par exemple « portable » ou « clé bleue »
passkey-create = Créer la clé d’accès
passkey-failed = Cela n’a pas fonctionné, ou a été annulé. Rien n’a été changé ; vous pouvez réessayer.
passkey-known = Cet appareil a déjà une clé d’accès pour ce compte.
passkey-refused = Ce que le navigateur a envoyé ne peut pas servir. Veuillez réessayer.
passkey-no-script = Les clés d’accès ont besoin de JavaScript. Veuillez l’activer, puis recharger cette page.
passkey-nowhere = Les clés d’accès ne sont pas proposées ici : les navigateurs ne les acceptent qu’à une adresse https avec un nom, et celle de cette installation est { $address }. L’administration peut changer server.public_url.
codes-title = Codes de secours
codes-first = Votre second facteur est en place.
codes-intro = Chacun de ces codes remplace une fois votre second facteur, pour le jour où votre téléphone ou votre clé est perdu. Imprimez-les, ou gardez-les avec vos mots de passe – pas seulement sur le téléphone.
codes-once = Ils ne sont affichés que maintenant.
codes-kept = Je les ai gardés
codes-left = { $count ->
    [0] Il ne vous reste aucun code de secours.
    [1] Il vous reste un code de secours.
   *[other] Il vous reste { $count } codes de secours.
}
codes-few = Veuillez en créer de nouveaux.
codes-make = Créer de nouveaux codes de secours
codes-make-hint = Les anciens ne fonctionneront plus.
password-title = Changer le mot de passe
password-intro = Toutes vos autres sessions prennent fin.
password-old = Votre mot de passe actuel
password-new = Nouveau mot de passe
password-repeated = Nouveau mot de passe, encore une fois
password-old-wrong = Le mot de passe actuel n’est pas correct.

# On the way to a provider
onward-intro = Vous y êtes conduit tout de suite. Si rien ne se passe, continuez avec le bouton.

me-title = Vos données chez { $controller }
me-intro = Quiconque a l’adresse de cette page la voit et peut retirer vos consentements ; gardez-la donc pour vous. Elle fonctionne jusqu’au { $date }.
me-form = Formulaire
me-sent = Envoyé le
me-nothing = Rien n’est conservé pour cela
me-restricted = Conservé, mais plus utilisé
me-until = Conservé jusqu’au { $date }
me-given = Le { $date }, vous avez accepté ceci :
me-refused = Le { $date }, vous n’avez pas accepté ceci :
me-withdrawn = Le { $date }, vous avez retiré votre consentement. C’était :
me-withdraw = Retirer ce consentement
me-effect-erase = Ce qui est conservé pour cela est effacé aussitôt.
me-effect-restrict = Ce qui est conservé pour cela n’est plus utilisé dès lors.
me-done-withdrawn = Votre consentement est retiré.
me-receipt = Télécharger le reçu de ce que vous avez accepté

date = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year }
moment = { $date }, { $time } UTC
skip-to-content = Ir al contenido
languages = Idiomas
yes = Sí
no = No
optional = opcional
required = obligatorio
other = Otro
other-text = Indique cuál
new-window = se abre en una ventana nueva
title-error = Error:
summary-title = Hay un problema
characters-left = caracteres restantes
nps-low = Nada probable
nps-high = Muy probable
rating-low = Mala
rating-high = Excelente

form-submit = Enviar
form-sending = Enviando…
form-slow = Seguimos enviando. Su conexión es lenta; mantenga esta página abierta.
form-offline = No tiene conexión. Sus respuestas siguen en esta página; envíelas cuando vuelva la conexión.
form-online = Vuelve a tener conexión. Ya puede enviar el formulario.
form-unsent = Sus respuestas no se han podido enviar en este momento. No se ha perdido nada: siguen en esta página. Pulse de nuevo el botón dentro de un momento.
form-trap = Deje esto vacío
file-keep = Conservar { $name }
form-page-of = Página { $page } de { $pages }
form-next = Continuar
form-back = Atrás
form-minutes = { $count ->
    [one] Lleva alrededor de un minuto
   *[other] Lleva alrededor de { $count } minutos
}
when-note = Solo para usted si { $condition }.
when-and = y
when-or = o
when-equals = «{ $question }» es «{ $value }»
when-contains = «{ $question }» incluye «{ $value }»
when-greater = «{ $question }» es más de { $value }
when-less = «{ $question }» es menos de { $value }
when-answered = ha respondido a «{ $question }»
when-unanswered = no ha respondido a «{ $question }»
address-street = Calle y número
address-extra = Datos adicionales, como piso o empresa
address-postal-code = Código postal
address-city = Localidad
address-region = Provincia o región
address-country = País
form-notice-expired = Esta página ha estado abierta tanto tiempo que hubo que renovarla. Sus respuestas siguen aquí. Lea de nuevo los consentimientos y pulse otra vez el botón.
form-notice-unverified = No hemos podido comprobar que esta página sea nuestra. Sus respuestas siguen aquí. Lea de nuevo los consentimientos y pulse otra vez el botón.
form-notice-sent-already = Este formulario ya se envió desde esta página. Si quiere enviarlo de nuevo con estos cambios, pulse otra vez el botón.
form-notice-not-stored = Sus respuestas no se han podido guardar en este momento. No se ha perdido nada: siguen en esta página. Pulse de nuevo el botón dentro de un momento.
consents-title = Usted decide
consents-intro = Puede dejar vacía cualquiera de estas casillas y enviar el formulario igualmente.
consents-intro-required = Puede dejar vacías las opcionales y enviar el formulario igualmente.
why-title = Qué preguntamos y por qué
why-intro = { $controller } es responsable de sus datos.
why-what = Qué
why-basis = Base jurídica
why-how-long = Durante cuánto tiempo
why-sealed = Sus respuestas se sellan con una clave pública en cuanto llegan. Solo pueden leerlas quienes tienen la clave privada.
legal-basis-consent = Su consentimiento (art. 6.1.a del RGPD)
legal-basis-contract = Un contrato o los pasos previos (art. 6.1.b del RGPD)
legal-basis-legal-obligation = Una obligación legal (art. 6.1.c del RGPD)
legal-basis-vital-interests = Intereses vitales (art. 6.1.d del RGPD)
legal-basis-public-task = Una misión de interés público (art. 6.1.e del RGPD)
legal-basis-legitimate-interests = Intereses legítimos (art. 6.1.f del RGPD)
retention-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
retention-months = { $count ->
    [one] { $count } mes
   *[other] { $count } meses
}
retention-years = { $count ->
    [one] { $count } año
   *[other] { $count } años
}

code-label = Código de acceso
code-hint = Para este formulario necesita un código. Lo tiene quien le pidió que lo rellenara.
code-wrong = Este código no es correcto.
code-button = Abrir el formulario
done-incentive = Un pequeño agradecimiento
done-code = Su código
done-no-code = En este momento no hay ningún código para usted. Escríbanos indicando su referencia.
done-code-later = Su código aún no está listo. Aparecerá en esta página; guarde su dirección.
door-address = Su correo electrónico
door-address-hint = Enviamos un código a esa dirección para que nadie responda en su nombre.
door-send = Enviarme un código
door-mailed = Hemos enviado un código a { $address }. Es válido durante 15 minutos.
door-code = El código del correo
door-wrong = Este código no es correcto. Compruébelo; después de cinco intentos necesitará uno nuevo.
door-late = Ese código ya no es válido. Pida uno nuevo.
door-often = Ya hay varios códigos en camino a esta dirección. Espere un cuarto de hora antes de pedir otro.
door-unsent = No hemos podido enviar el correo en este momento. Inténtelo de nuevo dentro de un momento.
door-again = Pedir otro código
mail-code-subject = Su código para «{ $form }»
mail-code-text =
    Su código para «{ $form }» es:

    { $code }

    Es válido durante 15 minutos. Si no lo ha pedido, no tiene que hacer nada: sin el código nadie puede responder en su nombre.

    { $site }
done-title = Gracias
done-reference = Su referencia
done-keep = Consérvela: con ella encontramos su mensaje cuando nos escriba.
done-sealed = Sus respuestas están selladas y en poder de { $controller }. Cómo se utilizan consta en el documento
done-contact = ¿Preguntas sobre sus datos?
done-again = Rellenar el formulario otra vez
try-again = Reintentar

policy-version = versión { $number }
policy-named = { $title }, versión { $number }
policy-effective = vigente desde el { $date }
policy-older = Esta es una versión anterior.
policy-newest = Leer la actual
policy-versions = Versiones
policy-fingerprint = SHA-256 de esta versión

error-required = Responda a esta pregunta
error-wrong-kind = Esta respuesta no es del tipo adecuado
error-too-short = Escriba al menos { $limit } caracteres
error-too-long = Escriba como máximo { $limit } caracteres
error-too-small = Indique { $limit } o más
error-too-large = Indique { $limit } o menos
error-email = Escriba una dirección de correo electrónico como nombre@example.org
error-phone = Escriba un número de teléfono, con el prefijo del país, como +34, si es del extranjero
error-url = Escriba una dirección web que empiece por https://
error-number = Escriba un número como 12 o 12,5
error-date = Escriba una fecha como 2026-01-31
error-time = Escriba una hora como 14:30
error-pattern = Esta respuesta no tiene la forma esperada
error-choice = Elija una de las respuestas ofrecidas
error-choice-withdrawn = Esta opción ya no se ofrece; elija otra, por favor
error-too-few-choices = Elija al menos { $limit }
error-too-many-choices = Elija como máximo { $limit }
error-characters = Quite los caracteres que no se pueden mostrar
error-consent-required = El formulario no se puede enviar sin este consentimiento
error-unconfirmed = Marque esta casilla para continuar
error-ranking = Dé a cada opción un puesto propio
error-country = Elija un país de la lista
error-too-many-files = { $limit ->
    [1] Elija un solo archivo
   *[other] Elija como máximo { $limit } archivos
}
error-file-too-large = Elija un archivo de { $limit } como máximo
error-file-type = Elija un archivo de uno de estos tipos: { $limit }
error-file-empty = Este archivo está vacío. Elija otro
error-files-too-large = Juntos, estos archivos son demasiado grandes; manténgalos por debajo de { $limit }
error-file-infected = Este archivo puede ser dañino y no se ha guardado. Elija otro
error-not-verified = Utilice la dirección que ha confirmado con el código
error-file-lost = Este archivo no se ha podido guardar en este momento. Elíjalo de nuevo

login-title = Acceso del personal
login-username = Nombre de usuario
login-password = Contraseña
login-button = Entrar
login-wrong = El nombre de usuario o la contraseña no son correctos.
login-local = Cuentas de esta instalación
login-others = Otras formas de iniciar sesión
login-no-role = Ha iniciado sesión como { $name }, pero ninguno de sus grupos tiene un rol aquí. Consulte a sus administradores.
login-disabled = Su cuenta está desactivada aquí, { $name }. Consulte a sus administradores.
login-away = El servicio de inicio de sesión de su empresa no responde en este momento. Vuelva a intentarlo enseguida.
login-misconfigured = Este inicio de sesión no está bien configurado. Avise a sus administradores; el registro indica el motivo.
login-blocked = { $minutes ->
    [one] Demasiados intentos fallidos. Espere un minuto e inténtelo de nuevo.
   *[other] Demasiados intentos fallidos. Espere { $minutes } minutos e inténtelo de nuevo.
}
log-out = Salir
setup-title-first = Crear la primera cuenta
setup-intro-first = Puede hacerlo todo. Después podrá crear más cuentas.
setup-title = Elegir una contraseña
setup-intro = Este enlace funciona una sola vez.
setup-name = Su nombre, tal como lo ven sus colegas
setup-password = Contraseña
setup-password-hint = Al menos { $shortest } caracteres; unas cuantas palabras se recuerdan mejor que los signos
setup-repeated = Repetir la contraseña
setup-button = Guardar y entrar
setup-error-username = Elija un nombre de usuario de hasta 100 caracteres y sin espacios.
setup-error-taken = Este nombre de usuario ya existe.
setup-error-length = Elija una contraseña de al menos { $shortest } caracteres.
setup-error-repeated = Las dos contraseñas no coinciden.

staff-sections = Secciones
back-to-inbox = Volver a la bandeja de entrada
inbox-title = Bandeja de entrada
inbox-form = Formulario
inbox-all-forms = Todos los formularios
inbox-status = Estado
inbox-all-statuses = Cualquier estado
inbox-reference = Referencia
inbox-reference-wrong = Una referencia tiene diez letras y cifras, como 7K3MA-Q9PX2.
inbox-show = Mostrar
inbox-clear = Quitar filtros
inbox-sender = Remitente
inbox-received = Recibido
inbox-nothing-found = Nada coincide con esta selección.
inbox-nothing-yet = Todavía no ha llegado nada.
inbox-masked = Los datos personales están ocultos aquí. Al abrir un envío se muestran, y queda registrado.
inbox-pages = Páginas
inbox-newest = Más recientes
inbox-older = Anteriores
status-new = Nuevo
status-open = En curso
status-done = Terminado
status-spam = Correo no deseado
status-save = Guardar
answer-empty = sin respuesta
answer-other = Otro: { $text }
part-expires = se borra el { $date }
part-unopenable = Esta parte no se abre. Compruebe que la clave maestra sea aquella con la que se creó esta instalación.
part-export = Descargar esta parte, sellada (se abre con age)
parts-none = No se conserva ninguna respuesta de este envío.
consents-heading = Consentimientos
consents-none = El formulario no pidió ningún consentimiento.
consent-given = Dado
consent-refused = Denegado
consent-withheld = No se conserva debido a la negativa: { $fields }
shown-heading = Qué se mostró
shown-policy = Aviso de privacidad
shown-language = Idioma
shown-touchpoint = Punto de contacto
shown-method = Llegó por
shown-ignored = Campos desconocidos ignorados
method-form = la página del formulario
method-api = la API
spam-why = Retenido como posible correo no deseado:
suspicion-trap = Se rellenó un campo que nadie ve
suspicion-too-fast = Enviado antes de que nadie pudiera rellenarlo
suspicion-links = Muchos enlaces
suspicion-words = Una de las palabras del formulario
suspicion-denied = Dirección de la lista del formulario
suspicion-duplicate = El mismo texto ya llegó antes
suspicion-no-proof = Sin prueba de cálculo mientras muchos enviaban
history-heading = Historial
ledger-submission-opened = Abierto
ledger-submission-status-changed = Estado cambiado
ledger-part-exported = Parte sellada descargada
ledger-file-opened = Archivo descargado

links-title = Enlaces personales
links-make = Crear enlaces
links-names = Nombres, uno por línea
links-days = Días hasta que caduquen (90 si se deja vacío)
links-fresh = Enlaces nuevos
links-once = Cópielos ahora: solo se muestran esta vez.
links-none = Todavía no hay enlaces.
links-name = Nombre
links-since = Desde
links-waiting = sin abrir
links-opened = abierto
links-answered = respondido
links-expired = caducado
links-open-to-all = Este formulario está abierto a todo el mundo. Con by_invitation solo entra quien tiene un enlace.
links-codes-left = Códigos por entregar: { $count }
links-wrong-count = Escriba de 1 a { $most } nombres, uno por línea.
links-wrong-name = Un nombre admite { $most } caracteres como máximo.
links-wrong-days = Escriba los días como número entero o déjelo vacío.
embed-title = Insertar
embed-mode = Presentación
embed-mode-inline = En la página
embed-mode-dialog = Tras un botón, como diálogo
embed-mode-slide = Tras un botón, desde el lado
embed-theme = Apariencia
embed-visitors-own = según el sistema del visitante
embed-theme-light = Clara
embed-theme-dark = Oscura
embed-theme-contrast = Alto contraste
embed-origin = Página que lo mostrará
embed-origin-wrong = Esto no es la dirección de una página. Escríbala como https://shop.example.
embed-origin-allowed = Las páginas de { $origin } pueden mostrar este formulario.
embed-origin-refused = Las páginas de { $origin } todavía no pueden mostrar este formulario. Ponga esta línea en la definición del sitio y publíquela:
embed-no-origins = Ninguna página puede mostrar todavía los formularios de este sitio. Indique los orígenes en allowed_origins.
embed-script = Etiqueta de script
embed-script-hint = Péguela donde deba aparecer el formulario. El enlace queda para quienes no tienen scripts.
embed-element = Elemento personalizado
embed-element-hint = Lo mismo como elemento, para páginas que cargan el script una vez.
embed-pinned = Script fijado
embed-pinned-hint = Exactamente este script, comprobado por su hash; no cambia con las actualizaciones.
embed-frame = Marco simple
embed-frame-hint = Para sistemas que no admiten scripts. Su altura es fija.
embed-markup = Su propio marcado
embed-markup-hint = Su página puede leer lo que se escribe. Una dirección de un origen permitido en form.redirect devuelve a los visitantes.
embed-markup-missing = Estas preguntas necesitan varios controles y no figuran aquí: { $fields }. Si alguna es obligatoria, use el widget.
embed-policy = Content-Security-Policy
embed-policy-hint = Dos directivas que necesita una página con política propia.
embed-origins = Orígenes permitidos
embed-preview = Vista previa
embed-preview-hint = Es el formulario mismo: lo que envíe aquí se guarda.
embed-copy = Copiar
embed-copied = Copiado

problem-not-found-title = Página no encontrada
problem-not-found-detail = No hay ninguna página en esta dirección. Compruebe si hay un error en ella.
problem-form-not-found-title = Formulario no encontrado
problem-form-not-found-detail = No existe ese formulario. Es posible que se haya retirado.
problem-form-closed-title = Este formulario está cerrado
problem-form-closed-detail = Este formulario ya no admite respuestas.
problem-malformed-body-title = La petición no se puede leer
problem-malformed-body-detail = El cuerpo no es lo que admite esta dirección: { $value }.
problem-wrong-encoding-title = Codificación incorrecta
problem-wrong-encoding-detail = El cuerpo no es texto en UTF-8. Envíelo en UTF-8.
problem-wrong-media-type-title = Tipo de contenido incorrecto
problem-wrong-media-type-detail = Esta dirección admite { $value }. Indíquelo en Content-Type.
problem-too-large-title = Demasiado grande
problem-too-large-detail = La petición es mayor de lo que admite este servidor. Envíe menos texto.
problem-too-many-fields-title = Demasiados campos
problem-too-many-fields-detail = Un envío admite como máximo { $value } campos.
problem-wrong-language-title = Idioma desconocido
problem-wrong-language-detail = Este sitio habla { $value }.
problem-wrong-touchpoint-title = Punto de contacto no utilizable
problem-wrong-touchpoint-detail = Un punto de contacto tiene de 1 a 63 de los caracteres a-z, 0-9 y guion.
problem-invalid-answers-title = Algunas respuestas no son válidas
problem-invalid-answers-detail = No se ha guardado nada. Corrija lo que figura en errors y envíe el formulario de nuevo.
problem-forged-token-title = Token de formulario no válido
problem-forged-token-detail = Este servidor no ha creado el token. Obtenga de nuevo el formulario y envíe su token.
problem-expired-token-title = Token de formulario caducado
problem-expired-token-detail = El formulario se obtuvo hace demasiado tiempo. Obténgalo de nuevo, muestre lo que haya cambiado y envíelo con el token nuevo.
problem-foreign-token-title = Token de otro formulario
problem-foreign-token-detail = El token pertenece a otro formulario. Obtenga este formulario y envíe su token.
problem-bad-idempotency-key-title = Idempotency-Key no utilizable
problem-bad-idempotency-key-detail = Una Idempotency-Key tiene de 1 a 255 caracteres ASCII visibles.
problem-key-reused-title = Idempotency-Key ya utilizada
problem-key-reused-detail = Esta clave se usó con otro cuerpo. Use una clave nueva para un envío nuevo.
problem-origin-refused-title = Origen no permitido
problem-origin-refused-detail = Las páginas de este origen no pueden usar este formulario. Quien administra el sitio puede permitirlo en allowed_origins.
problem-proof-needed-title = Un paso más
problem-proof-needed-detail = Ahora mismo llegan muchos formularios, por lo que se pide a los navegadores un pequeño cálculo. Resuelva el reto y envíelo como proof.
problem-form-early-title = Este formulario aún no está abierto
problem-form-early-detail = Admitirá respuestas más adelante.
problem-form-full-title = Este formulario está completo
problem-form-full-detail = Ha recibido tantas respuestas como admite.
problem-answered-already-title = Ya ha respondido
problem-answered-already-detail = Cada persona puede responder a este formulario un número limitado de veces. Sus respuestas anteriores están seguras.
problem-link-answered-title = Este enlace ya se ha usado
problem-link-answered-detail = El formulario se envió con este enlace. Diríjase a quien le invitó si necesita otro.
problem-not-admitted-title = Este formulario es por invitación
problem-not-admitted-detail = Use el enlace que se le envió. Puede haber caducado o haberse usado ya.
problem-too-many-requests-title = Demasiadas peticiones
problem-too-many-requests-detail = Han llegado demasiadas desde su dirección. Inténtelo de nuevo dentro de { $value } segundos.
problem-queue-full-title = Ocupado
problem-queue-full-detail = Están llegando demasiados formularios a la vez. No se ha guardado nada. Inténtelo de nuevo dentro de un momento.
problem-database-away-title = No disponible temporalmente
problem-database-away-detail = No se puede acceder a la base de datos. Inténtelo de nuevo dentro de un momento; con la misma Idempotency-Key nada se guarda dos veces.
problem-disk-full-title = No disponible temporalmente
problem-disk-full-detail = El servidor no tiene espacio. No se ha guardado nada. Inténtelo más tarde.
problem-csrf-title = No enviado desde esta página
problem-csrf-detail = La petición no procede de una página de esta sesión. Vuelva atrás, cargue de nuevo la página y repítala.
problem-plain-http-title = Solo conexiones cifradas
problem-plain-http-detail = Este servidor solo admite HTTP sin cifrar desde su propia máquina y desde sus proxies. Use su dirección https.
problem-forbidden-title = No permitido
problem-forbidden-detail = Su cuenta no puede hacer esto. Pida a quien administra el rol necesario.
problem-link-spent-title = Este enlace ya no funciona
problem-link-spent-detail = Ya se ha usado o es demasiado antiguo. Pida uno nuevo a quien administra.
problem-method-not-allowed-title = Aquí no es posible
problem-method-not-allowed-detail = Esta dirección no admite peticiones de este tipo.
problem-bad-request-title = La petición no se puede leer
problem-bad-request-detail = Algo en la petición no tiene la forma esperada.
problem-unopenable-title = La parte no se abre
problem-unopenable-detail = La parte sellada no se abre con las claves de esta instalación.
problem-internal-title = Algo ha fallado
problem-internal-detail = Es un error nuestro y ha quedado anotado. Inténtelo de nuevo.

fault-name-not-resolved = No se conoce el nombre del servidor: compruebe cómo está escrito y el servidor de nombres.
fault-connection-refused = Allí no escucha nada: compruebe el puerto y si el servidor funciona.
fault-connection-lost = Se ha perdido la conexión.
fault-no-answer = Sin respuesta a tiempo.
fault-certificate-expired = Su certificado ha caducado.
fault-certificate-early = Su certificado aún no es válido: compruebe los relojes.
fault-certificate-foreign = Su certificado es para otro nombre.
fault-certificate-unknown = Su certificado es de una autoridad que aquí no se conoce: compruebe ca_file.
fault-tls = No hay conexión segura: { $value }.
fault-status = Ha respondido con el estado HTTP { $value }.
fault-too-long = Su respuesta es demasiado larga.
fault-unreadable = Responde, pero no como un servidor de este tipo: compruebe la dirección.
fault-bind-refused = Se rechaza bind_dn o su contraseña.
fault-base-not-found = No se encuentra { $value }.
fault-filter-unreadable = Un filtro no se puede leer.
fault-directory-answered = El directorio ha respondido { $value }.
fault-attribute-missing = Alguien no tiene exactamente un valor de { $value }: compruebe attributes.
fault-too-many-groups = Alguien está en demasiados grupos.
fault-issuer-differs = Se llama de otro modo que { $value }: compruebe issuer letra por letra.
fault-address-unsafe = Indica una dirección sin https: { $value }.
fault-client-refused = Rechaza este cliente: compruebe client_id y el secreto.
fault-clock = Los relojes difieren en { $value } segundos.
fault-metadata = Su descripción está incompleta o no tiene clave de firma: { $value }
fault-refused = Se ha rechazado una respuesta: { $value }.

login-with = Iniciar sesión con { $provider }
login-with-another = Iniciar sesión con { $provider } con otra cuenta
login-or-here = O con nombre y contraseña
login-cancelled = El proveedor no ha iniciado su sesión: se ha vuelto atrás o no le permite usar este servicio.
login-refused = La respuesta que ha vuelto con su navegador no vale: es demasiado antigua, ya se ha usado o no es para esta página. Inicie la sesión de nuevo; si vuelve a ocurrir, avise a sus administradores.
onward-sign-in = Continuar a { $provider }
onward-logout = Cierre de sesión también en { $provider }
onward-button = Continuar
logged-out-title = Ha cerrado la sesión
logged-out-again = Volver a iniciar sesión
confirm-title = ¿Sigue siendo usted?
confirm-intro = Lo que quería hacer no se puede deshacer; por eso, demuestre otra vez quién es y hágalo después de nuevo.
confirm-elsewhere = Confirmar con { $provider }
confirm-button = Confirmar
confirm-refused = No se ha confirmado que sea usted: la respuesta recibida no vale o no se le volvió a preguntar. Inténtelo otra vez; si vuelve a ocurrir, avise a sus administradores.
confirm-somebody-else = No se ha confirmado que sea usted: en el proveedor ha iniciado sesión otra persona. Confirme con su propia cuenta.
problem-sign-in-over-title = Este inicio de sesión ha terminado
problem-sign-in-over-detail = Ha durado más de diez minutos, ya se ha usado o se empezó en otro navegador. Empiece de nuevo.

accounts-title = Cuentas
accounts-end-all = Cerrar la sesión de todos los demás
accounts-name = Nombre
accounts-provider = Inicia sesión por
accounts-roles = Roles
accounts-last = Último inicio de sesión
accounts-disabled = desactivada
accounts-no-role = Ningún rol
accounts-never = nunca
accounts-later = Más cuentas
accounts-provider-gone = { $provider } (ya no está configurado)
accounts-sessions = Sesiones
accounts-no-sessions = Sin sesión en ninguna parte.
accounts-began = desde el { $at }
accounts-seen = usada por última vez el { $at }
accounts-this = esta
accounts-end = Cerrar
accounts-end-theirs = Cerrar todas estas
accounts-remove = Quitar
accounts-role = Rol
accounts-place = Dónde
accounts-add-role = Añadir rol
accounts-roles-from-groups = Vienen de los grupos de la cuenta en cada inicio de sesión.
accounts-access = Acceso
accounts-enable = Dejar entrar de nuevo
accounts-disable = No dejar entrar
accounts-disable-hint = Se cierran todas sus sesiones y no puede iniciar otra hasta que se le deje entrar de nuevo.
accounts-own = Nadie puede desactivarse ni quitarse sus propios roles. Pídalo a otra persona que administre.
role-admin = Administración
role-editor = Redacción
role-reviewer = Revisión
role-auditor = Auditoría
role-everywhere = en todas partes
role-unknown = algo que ya no existe
providers-title = Formas de iniciar sesión
providers-check = Probar todas ahora
providers-intro = Cada una se prueba una vez por hora y en cada inicio de sesión.
providers-good = funciona
providers-bad = no funciona
providers-unknown = aún sin probar
providers-kind = Tipo
providers-kind-local = Cuentas de esta instalación
providers-kind-ldap = Directorio LDAP
providers-kind-saml = SAML 2.0
providers-kind-cas = CAS
providers-kind-oidc = OpenID Connect
providers-success = Último éxito
providers-failure = Último fallo
providers-certificate = Certificado válido hasta
providers-soon = renuévelo pronto
door-sign-in-intro = Inicie sesión para rellenar este formulario.
door-sign-in-frame = El inicio de sesión funciona en una página aparte, no dentro de esta. Allí está también el formulario.
door-sign-in-own-page = Abrir el formulario
door-sign-in-impossible = Ahora mismo no es posible iniciar sesión, por lo que este formulario no se puede rellenar. Inténtelo más tarde.
door-sign-in-over = No ha iniciado sesión para este formulario, o lo hizo hace más de una hora. Inicie sesión.
door-sign-in-over-sending = Inició sesión hace más de una hora, así que no se ha enviado ni guardado nada. Inicie sesión y rellene el formulario de nuevo.
door-trouble-cancelled = Volvió antes de haber iniciado sesión.
door-trouble-refused = La respuesta con la que volvió su navegador no cuenta: es demasiado antigua, ya se usó o no es para esta página. Inicie sesión de nuevo.
door-trouble-away = Ahora mismo no se puede iniciar sesión, porque no llega ninguna respuesta. Inténtelo de nuevo en un momento.
door-trouble-misconfigured = Esta forma de iniciar sesión no funciona ahora mismo. Pruebe otra o vuelva más tarde.
door-trouble-not-allowed = Ha iniciado sesión, pero este formulario no es para su cuenta.
door-trouble-second-factor = Esta cuenta tiene un segundo factor, que aquí no se pide. Inicie sesión de otra manera.
identity-name = Nombre
identity-email = Dirección de correo electrónico
identity-subject = Identificador de la cuenta
identity-verified = verificado por { $provider }
signed-in-as = Ha iniciado sesión como { $name }.
signed-in-other = ¿No es usted?
signed-in-sent = Esto se envía con sus respuestas:
problem-not-signed-in-title = Este formulario pide que inicie sesión
problem-not-signed-in-detail = Abra la página del formulario e inicie sesión allí. Un inicio de sesión vale una hora.

# La cuenta de una persona, y los segundos factores.
setup-error-guessable = Esta contraseña la probaría cualquiera. Tome unas cuantas palabras que no tengan nada que ver entre sí, sin su nombre ni los nombres de este sitio.
second-title = Segundo factor
second-code = Código de su aplicación de autenticación
second-button = Continuar
second-passkey = Usar una llave de acceso
second-recovery = Usar en su lugar un código de recuperación
second-recovery-code = Código de recuperación
second-recovery-hint = Cada uno sirve una vez. Los guiones y las mayúsculas no importan.
second-recovery-button = Continuar con este código
second-lost = ¿Lo ha perdido todo? La administración puede quitar su segundo factor.
second-other = Entrar con otra cuenta
second-wrong = No es correcto, o ya se usó. El código de una aplicación cuenta una sola vez: espere al siguiente, o inténtelo de nuevo.
second-late-title = Ha tardado demasiado
second-late = Por su seguridad, el inicio de sesión termina a los diez minutos. Empiece de nuevo.
second-again = Iniciar sesión de nuevo
account-title = Su cuenta
account-back = Volver a su cuenta
account-name = Nombre de usuario: { $name }
account-elsewhere = Otro servicio se ocupa de su cuenta: su contraseña y su segundo factor se cambian allí.
account-done-password = Su contraseña está cambiada. Todas sus demás sesiones han terminado.
account-done-removed = El segundo factor está quitado.
account-done-late = Ha tardado demasiado, o ya estaba hecho. Ahora mismo no se ha cambiado nada.
factors-title = Segundo factor
factors-intro = Con un segundo factor, una contraseña robada no abre nada por sí sola: para entrar hace falta también algo que usted tiene.
factors-required = Esta instalación pide un segundo factor. Añada uno para continuar.
factors-none = Todavía no tiene un segundo factor.
factor-kind-totp = Aplicación de autenticación
factor-kind-passkey = Llave de acceso
factor-label = Cómo llamarlo
factor-added = Añadido el { $date }
factor-used = Usado por última vez el { $date }
factor-unused = Aún sin usar
factor-remove = Quitar
factor-remove-named = Quitar: { $label }
factor-last = Su último segundo factor se queda, porque esta instalación pide uno. Añada primero otro.
totp-add = Añadir una aplicación de autenticación
totp-scan = 1. Escanee esto con la aplicación
totp-picture = Código QR con la clave que está debajo
totp-by-hand = O escriba esta clave en la aplicación:
totp-details = Por tiempo, 6 cifras, 30 segundos, SHA-1: lo que toda aplicación acepta sin preguntar.
totp-open = Abrir en una aplicación de este dispositivo
totp-prove = 2. Escriba lo que muestra la aplicación
totp-code = Seis cifras
totp-label-hint = Para reconocerla, por ejemplo «teléfono del trabajo»
totp-button = Añadir
totp-wrong = Este código no es correcto. Ponga la hora del teléfono en automático y escriba el código que la aplicación muestra ahora.
passkey-add = Añadir una llave de acceso
passkey-intro = Una llave de acceso se queda en su teléfono, ordenador, gestor de contraseñas o llave de seguridad, y se desbloquea allí con el dedo, la cara o un PIN. Nadie puede leerla ni recibirla por error.
passkey-label-hint = Para reconocerla, por ejemplo «portátil» o «llave azul»
passkey-create = Crear la llave de acceso
passkey-failed = No ha funcionado, o se ha cancelado. No se ha cambiado nada; puede intentarlo de nuevo.
passkey-known = Este dispositivo ya tiene una llave de acceso para esta cuenta.
passkey-refused = Lo que el navegador ha enviado no se puede usar. Inténtelo de nuevo.
passkey-no-script = Las llaves de acceso necesitan JavaScript.
passkey-nowhere = Aquí no se ofrecen llaves de acceso: los navegadores solo las aceptan en una dirección https con nombre, y la de esta instalación es { $address }. La administración puede cambiar server.public_url.
codes-title = Códigos de recuperación
codes-first = Su segundo factor está listo.
codes-intro = Cada uno de estos códigos sustituye una vez a su segundo factor, para cuando pierda el teléfono o la llave. Imprímalos, o guárdelos donde guarda sus contraseñas, no solo en el teléfono.
codes-once = Solo se muestran ahora.
codes-kept = Los he guardado
codes-left = { $count ->
    [0] No le quedan códigos de recuperación.
    [one] Le queda un código de recuperación.
   *[other] Le quedan { $count } códigos de recuperación.
}
codes-few = Cree otros nuevos.
codes-make = Crear códigos de recuperación nuevos
codes-make-hint = Los anteriores dejan de servir.
password-title = Cambiar la contraseña
password-intro = Todas sus demás sesiones terminan.
password-old = Su contraseña hasta ahora
password-new = Contraseña nueva
password-repeated = Contraseña nueva, otra vez
password-old-wrong = La contraseña de hasta ahora no es correcta.

# On the way to a provider
onward-intro = Se le lleva allí enseguida. Si no ocurre nada, continúe con el botón.

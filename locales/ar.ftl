date = { $day } { $month ->
    [1] يناير
    [2] فبراير
    [3] مارس
    [4] أبريل
    [5] مايو
    [6] يونيو
    [7] يوليو
    [8] أغسطس
    [9] سبتمبر
    [10] أكتوبر
    [11] نوفمبر
   *[12] ديسمبر
} { $year }
moment = { $date }، { $time } بالتوقيت العالمي
skip-to-content = الانتقال إلى المحتوى
languages = اللغات
yes = نعم
no = لا
optional = اختياري
required = مطلوب
other = غير ذلك
other-text = يُرجى التوضيح
new-window = يفتح في نافذة جديدة
title-error = خطأ:
summary-title = هناك مشكلة
characters-left = حرفًا متبقيًا
nps-low = غير محتمل إطلاقًا
nps-high = محتمل جدًا
rating-low = ضعيف
rating-high = ممتاز

form-submit = إرسال
form-sending = جارٍ الإرسال…
form-slow = ما زال الإرسال جاريًا. اتصالك بطيء؛ يُرجى إبقاء هذه الصفحة مفتوحة.
form-offline = أنت غير متصل بالإنترنت. تبقى إجاباتك في هذه الصفحة؛ أرسلها عند عودة الاتصال.
form-online = عاد الاتصال بالإنترنت. يمكنك إرسال النموذج الآن.
form-unsent = تعذّر إرسال إجاباتك الآن. لم يُفقد شيء: فهي ما زالت في هذه الصفحة. يُرجى الضغط على الزر مرة أخرى بعد لحظات.
form-trap = اترك هذا فارغًا
file-keep = الاحتفاظ بـ { $name }
form-page-of = الصفحة { $page } من { $pages }
form-next = متابعة
form-back = رجوع
form-minutes = { $count ->
    [one] يستغرق نحو دقيقة واحدة
    [two] يستغرق نحو دقيقتين
    [few] يستغرق نحو { $count } دقائق
   *[other] يستغرق نحو { $count } دقيقة
}
when-note = يخصك هذا فقط إذا { $condition }.
when-and = و
when-or = أو
when-equals = كانت الإجابة عن «{ $question }» هي «{ $value }»
when-contains = تضمّنت الإجابة عن «{ $question }» «{ $value }»
when-greater = كانت الإجابة عن «{ $question }» أكثر من { $value }
when-less = كانت الإجابة عن «{ $question }» أقل من { $value }
when-answered = أجبت عن «{ $question }»
when-unanswered = لم تُجب عن «{ $question }»
address-street = الشارع ورقم المبنى
address-extra = تفاصيل إضافية، مثل رقم الشقة أو اسم الشركة
address-postal-code = الرمز البريدي
address-city = المدينة
address-region = الولاية أو المنطقة
address-country = البلد
form-notice-expired = بقيت هذه الصفحة مفتوحة مدة طويلة فوجب تجديدها. إجاباتك ما زالت هنا. يُرجى قراءة الموافقات مرة أخرى ثم الضغط على الزر من جديد.
form-notice-unverified = لم نتمكن من التحقق من أن هذه الصفحة صادرة عنا. إجاباتك ما زالت هنا. يُرجى قراءة الموافقات مرة أخرى ثم الضغط على الزر من جديد.
form-notice-sent-already = سبق إرسال هذا النموذج من هذه الصفحة. إذا أردت إرساله مرة أخرى مع هذه التغييرات فاضغط على الزر من جديد.
form-notice-not-stored = تعذّر حفظ إجاباتك الآن. لم يُفقد شيء: فهي ما زالت في هذه الصفحة. يُرجى الضغط على الزر مرة أخرى بعد لحظات.
consents-title = القرار لك
consents-intro = يمكنك ترك أيٍّ من هذه المربعات فارغًا وإرسال النموذج مع ذلك.
consents-intro-required = يمكنك ترك المربعات الاختيارية فارغة وإرسال النموذج مع ذلك.
why-title = ماذا نسأل ولماذا
why-intro = { $controller } هي الجهة المسؤولة عن بياناتك.
why-what = ماذا
why-basis = الأساس القانوني
why-how-long = مدة الاحتفاظ
why-sealed = تُختم إجاباتك بمفتاح عام فور وصولها. لا يستطيع قراءتها إلا من يملك المفتاح الخاص.
legal-basis-consent = موافقتك (المادة 6(1)(أ) من اللائحة العامة لحماية البيانات)
legal-basis-contract = عقد أو خطوات تسبقه (المادة 6(1)(ب) من اللائحة العامة لحماية البيانات)
legal-basis-legal-obligation = التزام قانوني (المادة 6(1)(ج) من اللائحة العامة لحماية البيانات)
legal-basis-vital-interests = مصالح حيوية (المادة 6(1)(د) من اللائحة العامة لحماية البيانات)
legal-basis-public-task = مهمة للمصلحة العامة (المادة 6(1)(هـ) من اللائحة العامة لحماية البيانات)
legal-basis-legitimate-interests = مصالح مشروعة (المادة 6(1)(و) من اللائحة العامة لحماية البيانات)
retention-days = { $count ->
    [zero] { $count } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
retention-months = { $count ->
    [zero] { $count } شهر
    [one] شهر واحد
    [two] شهران
    [few] { $count } أشهر
    [many] { $count } شهرًا
   *[other] { $count } شهر
}
retention-years = { $count ->
    [zero] { $count } سنة
    [one] سنة واحدة
    [two] سنتان
    [few] { $count } سنوات
    [many] { $count } سنة
   *[other] { $count } سنة
}

code-label = رمز الدخول
code-hint = تحتاج إلى رمز لهذا النموذج. تجده لدى من طلب منك ملأه.
code-wrong = هذا الرمز غير صحيح.
code-button = فتح النموذج
done-incentive = شكر بسيط لك
done-code = رمزك
done-no-code = لا يتوفر رمز لك في الوقت الحالي. يُرجى مراسلتنا مع ذكر رقمك المرجعي.
done-code-later = رمزك ليس جاهزًا بعد. سيظهر في هذه الصفحة لاحقًا، لذا يُرجى الاحتفاظ بعنوانها.
door-address = بريدك الإلكتروني
door-address-hint = نرسل رمزًا إليه حتى لا يجيب أحد باسمك.
door-send = أرسلوا لي رمزًا
door-mailed = أرسلنا رمزًا إلى { $address }. وهو صالح لمدة 15 دقيقة.
door-code = الرمز الوارد في الرسالة
door-wrong = هذا الرمز غير صحيح. يُرجى التحقق منه؛ بعد خمس محاولات ستحتاج إلى رمز جديد.
door-late = لم يعد هذا الرمز صالحًا. يُرجى طلب رمز جديد.
door-often = هناك عدة رموز في طريقها إلى هذا العنوان. يُرجى الانتظار ربع ساعة قبل طلب رمز آخر.
door-unsent = لم نتمكن من إرسال الرسالة الآن. يُرجى المحاولة بعد قليل.
door-again = طلب رمز آخر
mail-code-subject = رمزك لنموذج «{ $form }»
mail-code-text =
    رمزك لنموذج «{ $form }» هو:

    { $code }

    وهو صالح لمدة 15 دقيقة. إذا لم تطلبه فلا حاجة إلى فعل شيء: لا يمكن لأحد أن يجيب باسمك دون هذا الرمز.

    { $site }
done-title = شكرًا لك
done-reference = الرقم المرجعي
done-keep = يُرجى الاحتفاظ به: نجد به رسالتك عندما تكتب إلينا.
done-sealed = إجاباتك مختومة وهي الآن لدى { $controller }. كيفية استخدامها موضحة في
done-contact = هل لديك أسئلة عن بياناتك؟
done-again = ملء النموذج مرة أخرى
done-mine = عرض ما نحتفظ به عنك وسحب موافقة
try-again = إعادة المحاولة

policy-version = الإصدار { $number }
policy-named = { $title }، الإصدار { $number }
policy-effective = يسري من { $date }
policy-older = هذا إصدار سابق.
policy-newest = قراءة الإصدار الحالي
policy-versions = الإصدارات
policy-fingerprint = بصمة SHA-256 لهذا الإصدار

error-required = يُرجى الإجابة عن هذا السؤال
error-wrong-kind = هذه الإجابة ليست من النوع المناسب
error-too-short = يُرجى كتابة { $limit } حرفًا على الأقل
error-too-long = يُرجى ألا يزيد النص على { $limit } حرفًا
error-too-small = يُرجى إدخال { $limit } أو أكثر
error-too-large = يُرجى إدخال { $limit } أو أقل
error-email = يُرجى كتابة عنوان بريد إلكتروني مثل name@example.org
error-phone = يُرجى كتابة رقم هاتف، مع رمز البلد مثل ‎+966 إذا كان من الخارج
error-url = يُرجى كتابة عنوان موقع يبدأ بـ https://
error-number = يُرجى كتابة رقم مثل 12 أو 12.5
error-date = يُرجى كتابة تاريخ مثل 2026-01-31
error-time = يُرجى كتابة وقت مثل 14:30
error-pattern = هذه الإجابة ليست بالشكل المتوقع
error-choice = يُرجى اختيار إحدى الإجابات المعروضة
error-choice-withdrawn = لم يعد هذا الخيار متاحًا؛ يُرجى اختيار غيره
error-too-few-choices = يُرجى اختيار { $limit } على الأقل
error-too-many-choices = يُرجى ألا يزيد عدد الاختيارات على { $limit }
error-characters = يُرجى حذف الأحرف التي لا يمكن عرضها
error-consent-required = لا يمكن إرسال النموذج من دون هذه الموافقة
error-unconfirmed = يُرجى تحديد هذا المربع للمتابعة
error-ranking = يُرجى إعطاء كل خيار مرتبة خاصة به
error-country = يُرجى اختيار بلد من القائمة
error-too-many-files = { $limit ->
    [1] يُرجى اختيار ملف واحد فقط
   *[other] يُرجى ألا يزيد عدد الملفات على { $limit }
}
error-file-too-large = يُرجى اختيار ملف لا يتجاوز حجمه { $limit }
error-file-type = يُرجى اختيار ملف من أحد هذه الأنواع: { $limit }
error-file-empty = هذا الملف فارغ. يُرجى اختيار ملف آخر
error-files-too-large = هذه الملفات معًا كبيرة جدًا؛ يُرجى إبقاؤها دون { $limit }
error-file-infected = قد يكون هذا الملف ضارًا ولم يُحفظ. يُرجى اختيار ملف آخر
error-not-verified = يُرجى استخدام العنوان الذي أكّدته بالرمز
error-file-lost = تعذّر حفظ هذا الملف الآن. يُرجى اختياره مرة أخرى

login-title = دخول الموظفين
login-username = اسم المستخدم
login-password = كلمة المرور
login-button = تسجيل الدخول
login-wrong = اسم المستخدم أو كلمة المرور غير صحيحة.
login-local = حسابات هذا التثبيت
login-others = طرق أخرى لتسجيل الدخول
login-no-role = سجّلت الدخول باسم { $name }، لكن ليس لأي من مجموعاتك دور هنا. يُرجى مراجعة المسؤول.
login-disabled = حسابك معطّل هنا يا { $name }. يُرجى مراجعة المسؤول.
login-away = المزوّد الذي تسجّل الدخول عبره لا يستجيب الآن. يُرجى المحاولة بعد قليل.
login-misconfigured = لم تُضبط طريقة تسجيل الدخول هذه كما ينبغي. يُرجى إبلاغ المسؤول؛ فالسجل يذكر السبب.
login-blocked = { $minutes ->
    [zero] محاولات فاشلة كثيرة. يُرجى الانتظار ثم المحاولة مرة أخرى.
    [one] محاولات فاشلة كثيرة. يُرجى الانتظار دقيقة ثم المحاولة مرة أخرى.
    [two] محاولات فاشلة كثيرة. يُرجى الانتظار دقيقتين ثم المحاولة مرة أخرى.
    [few] محاولات فاشلة كثيرة. يُرجى الانتظار { $minutes } دقائق ثم المحاولة مرة أخرى.
   *[other] محاولات فاشلة كثيرة. يُرجى الانتظار { $minutes } دقيقة ثم المحاولة مرة أخرى.
}
log-out = تسجيل الخروج
setup-title-first = إنشاء الحساب الأول
setup-intro-first = يمكنه فعل كل شيء. يمكنك إنشاء حسابات أخرى لاحقًا.
setup-title = اختيار كلمة مرور
setup-intro = يعمل هذا الرابط مرة واحدة.
setup-name = اسمك كما يراه الزملاء
setup-password = كلمة المرور
setup-password-hint = { $shortest } حرفًا على الأقل؛ بضع كلمات أسهل حفظًا من الرموز
setup-repeated = كلمة المرور مرة أخرى
setup-button = حفظ وتسجيل الدخول
setup-error-username = يُرجى اختيار اسم مستخدم لا يزيد على 100 حرف ومن دون مسافات.
setup-error-taken = اسم المستخدم هذا مستعمل.
setup-error-length = يُرجى اختيار كلمة مرور من { $shortest } حرفًا على الأقل.
setup-error-repeated = كلمتا المرور غير متطابقتين.

staff-sections = الأقسام
back-to-inbox = العودة إلى صندوق الوارد
inbox-title = صندوق الوارد
inbox-form = النموذج
inbox-all-forms = كل النماذج
inbox-status = الحالة
inbox-all-statuses = أي حالة
inbox-reference = الرقم المرجعي
inbox-reference-wrong = يتكون الرقم المرجعي من عشرة أحرف وأرقام، مثل 7K3MA-Q9PX2.
inbox-show = عرض
inbox-clear = مسح
inbox-sender = المرسل
inbox-received = تاريخ الاستلام
inbox-nothing-found = لا شيء يطابق هذا الاختيار.
inbox-nothing-yet = لم يصل شيء بعد.
inbox-masked = البيانات الشخصية محجوبة هنا. فتح الإرسال يُظهرها، ويُسجَّل ذلك.
inbox-pages = الصفحات
inbox-newest = الأحدث
inbox-older = الأقدم
status-new = جديد
status-open = قيد المعالجة
status-done = منتهٍ
status-spam = غير مرغوب فيه
status-save = حفظ
answer-empty = لا إجابة
answer-other = غير ذلك: { $text }
part-expires = يُمحى في { $date }
part-unopenable = هذا الجزء لا يُفتح. تحقق من أن المفتاح الرئيسي هو الذي أُنشئ به هذا التثبيت.
part-export = تنزيل هذا الجزء مختومًا (يُفتح ببرنامج age)
parts-none = لا يُحتفظ بأي إجابات لهذا الإرسال.
consents-heading = الموافقات
consents-none = لم يطلب النموذج أي موافقة.
consent-given = مُنحت
consent-refused = رُفضت
consent-withdrawn = مسحوبة
consent-withheld = لم يُحفظ بسبب الرفض: { $fields }
shown-heading = ما عُرض
shown-policy = إشعار الخصوصية
shown-language = اللغة
shown-touchpoint = نقطة الاتصال
shown-method = طريقة الوصول
shown-ignored = حقول غير معروفة أُهملت
method-form = صفحة النموذج
method-api = واجهة البرمجة
spam-why = حُجز لاحتمال كونه غير مرغوب فيه:
suspicion-trap = مُلئ حقل لا يراه أحد
suspicion-too-fast = أُرسل أسرع مما يمكن ملؤه
suspicion-links = روابط كثيرة
suspicion-words = إحدى كلمات النموذج
suspicion-denied = عنوان في قائمة النموذج
suspicion-duplicate = ورد النص نفسه من قبل
suspicion-no-proof = بلا إثبات حسابي بينما كان كثيرون يرسلون
history-heading = السجل
ledger-submission-opened = فُتح
ledger-submission-status-changed = تغيّرت الحالة
ledger-part-exported = نُزّل الجزء المختوم
ledger-file-opened = نُزّل الملف
ledger-part-erased = حُذف جزء
ledger-part-restricted = جزء لم يعد يُستخدم

links-title = روابط شخصية
links-make = إنشاء روابط
links-names = الأسماء، اسم في كل سطر
links-days = الأيام حتى انتهاء الصلاحية (90 إذا تُرك فارغًا)
links-fresh = روابط جديدة
links-once = انسخها الآن: لا تُعرض إلا هذه المرة.
links-none = لا توجد روابط بعد.
links-name = الاسم
links-since = منذ
links-waiting = لم يُفتح
links-opened = فُتح
links-answered = تمت الإجابة
links-expired = انتهت صلاحيته
links-open-to-all = هذا النموذج متاح للجميع. باستخدام by_invitation لا يدخل إلا من لديه رابط.
links-codes-left = الرموز المتبقية: { $count }
links-wrong-count = اكتب من 1 إلى { $most } اسم، اسم في كل سطر.
links-wrong-name = الحد الأقصى للاسم { $most } حرف.
links-wrong-days = اكتب الأيام كعدد صحيح أو اتركها فارغة.
embed-title = التضمين
embed-mode = طريقة العرض
embed-mode-inline = داخل الصفحة
embed-mode-dialog = خلف زر، كنافذة حوار
embed-mode-slide = خلف زر، ينزلق من الجانب
embed-theme = المظهر
embed-visitors-own = حسب نظام الزائر
embed-theme-light = فاتح
embed-theme-dark = داكن
embed-theme-contrast = تباين عالٍ
embed-origin = الصفحة التي ستعرضه
embed-origin-wrong = هذا ليس عنوان صفحة. اكتبه مثل https://shop.example.
embed-origin-allowed = يجوز لصفحات { $origin } عرض هذا النموذج.
embed-origin-refused = لا يجوز بعدُ لصفحات { $origin } عرض هذا النموذج. أضف هذا السطر إلى تعريف الموقع ثم انشره:
embed-no-origins = لا يجوز بعدُ لأي صفحة عرض نماذج هذا الموقع. اذكر المصادر في allowed_origins.
embed-script = وسم البرنامج النصي
embed-script-hint = ألصقه حيث ينبغي أن يظهر النموذج. يبقى الرابط لمن لا تعمل لديه البرامج النصية.
embed-element = عنصر مخصص
embed-element-hint = الشيء نفسه كعنصر، للصفحات التي تحمّل البرنامج النصي مرة واحدة.
embed-pinned = برنامج نصي مثبّت
embed-pinned-hint = هذا البرنامج النصي بعينه، ويُتحقق منه ببصمته؛ لا يتغير بعد التحديثات.
embed-frame = إطار بسيط
embed-frame-hint = للأنظمة التي لا تقبل البرامج النصية. ارتفاعه ثابت.
embed-markup = ترميزك الخاص
embed-markup-hint = تستطيع صفحتك قراءة ما يُكتب. ضع عنوانًا من مصدر مسموح به في form.redirect لإعادة الزوار.
embed-markup-missing = تحتاج هذه الأسئلة إلى أكثر من عنصر تحكم وهي غير مدرجة هنا: { $fields }. إذا كان أحدها إلزاميًا فاستخدم الأداة.
embed-policy = Content-Security-Policy
embed-policy-hint = توجيهان تحتاج إليهما الصفحة التي لها سياسة خاصة.
embed-origins = المصادر المسموح بها
embed-preview = معاينة
embed-preview-hint = هذا هو النموذج نفسه: ما ترسله هنا يُحفظ.
embed-copy = نسخ
embed-copied = نُسخ

problem-not-found-title = الصفحة غير موجودة
problem-not-found-detail = لا توجد صفحة على هذا العنوان. تحقق من صحة العنوان.
problem-form-not-found-title = النموذج غير موجود
problem-form-not-found-detail = لا يوجد نموذج كهذا. ربما أُزيل.
problem-form-closed-title = هذا النموذج مغلق
problem-form-closed-detail = لم يعد هذا النموذج يستقبل إجابات.
problem-malformed-body-title = تعذّرت قراءة الطلب
problem-malformed-body-detail = المحتوى ليس مما يقبله هذا العنوان: { $value }.
problem-wrong-encoding-title = ترميز خاطئ
problem-wrong-encoding-detail = المحتوى ليس نصًا بترميز UTF-8. يُرجى إرساله بترميز UTF-8.
problem-wrong-media-type-title = نوع محتوى خاطئ
problem-wrong-media-type-detail = يقبل هذا العنوان { $value }. يُرجى ضبط Content-Type عليه.
problem-too-large-title = كبير جدًا
problem-too-large-detail = الطلب أكبر مما يقبله هذا الخادم. يُرجى إرسال نص أقل.
problem-too-many-fields-title = حقول كثيرة جدًا
problem-too-many-fields-detail = يقبل الإرسال { $value } حقل على الأكثر.
problem-wrong-language-title = لغة غير معروفة
problem-wrong-language-detail = لغات هذا الموقع: { $value }.
problem-wrong-touchpoint-title = نقطة اتصال غير صالحة
problem-wrong-touchpoint-detail = تتكون نقطة الاتصال من 1 إلى 63 من الأحرف a-z و0-9 والشرطة.
problem-invalid-answers-title = بعض الإجابات غير صالحة
problem-invalid-answers-detail = لم يُحفظ شيء. صحّح ما ورد في errors ثم أرسل النموذج مرة أخرى.
problem-forged-token-title = رمز النموذج غير صالح
problem-forged-token-detail = لم يُنشئ هذا الخادم الرمز. اجلب النموذج مرة أخرى وأرسل رمزه.
problem-expired-token-title = انتهت صلاحية رمز النموذج
problem-expired-token-detail = جُلب النموذج منذ وقت طويل. اجلبه مرة أخرى واعرض ما تغيّر ثم أرسله بالرمز الجديد.
problem-foreign-token-title = رمز نموذج آخر
problem-foreign-token-detail = يخص الرمز نموذجًا آخر. اجلب هذا النموذج وأرسل رمزه.
problem-bad-idempotency-key-title = ‏Idempotency-Key غير صالح
problem-bad-idempotency-key-detail = يتكون Idempotency-Key من 1 إلى 255 حرفًا ظاهرًا من ASCII.
problem-key-reused-title = سبق استخدام Idempotency-Key
problem-key-reused-detail = استُخدم هذا المفتاح مع محتوى آخر. استخدم مفتاحًا جديدًا لإرسال جديد.
problem-origin-refused-title = المصدر غير مسموح به
problem-origin-refused-detail = لا يجوز لصفحات هذا المصدر استخدام هذا النموذج. يمكن لمالك الموقع السماح به في allowed_origins.
problem-proof-needed-title = خطوة أخرى
problem-proof-needed-detail = تصل نماذج كثيرة الآن، لذلك يُطلب من المتصفحات إجراء حساب صغير. حُلّ التحدي وأرسله باسم proof.
problem-form-early-title = لم يُفتح هذا النموذج بعد
problem-form-early-detail = سيستقبل الإجابات لاحقًا.
problem-form-full-title = اكتمل هذا النموذج
problem-form-full-detail = استقبل من الإجابات العدد الذي يقبله.
problem-answered-already-title = سبق أن أجبت
problem-answered-already-detail = يمكن لكل شخص الإجابة عن هذا النموذج عددًا محدودًا من المرات. إجاباتك السابقة محفوظة لدينا.
problem-link-answered-title = سبق استخدام هذا الرابط
problem-link-answered-detail = أُرسل النموذج بهذا الرابط. راجع من دعاك إذا احتجت إلى رابط آخر.
problem-not-admitted-title = هذا النموذج بدعوة
problem-not-admitted-detail = يُرجى استخدام الرابط الذي أُرسل إليك. ربما انتهت صلاحيته أو سبق استخدامه.
problem-too-many-requests-title = طلبات كثيرة جدًا
problem-too-many-requests-detail = وردت طلبات كثيرة من عنوانك. حاول مرة أخرى بعد { $value } ثانية.
problem-queue-full-title = الخادم مشغول
problem-queue-full-detail = تصل نماذج كثيرة في وقت واحد. لم يُحفظ شيء. حاول مرة أخرى بعد لحظات.
problem-database-away-title = غير متاح مؤقتًا
problem-database-away-detail = تعذّر الوصول إلى قاعدة البيانات. حاول مرة أخرى بعد لحظات؛ مع Idempotency-Key نفسه لا يُحفظ شيء مرتين.
problem-disk-full-title = غير متاح مؤقتًا
problem-disk-full-detail = لا مساحة متبقية على الخادم. لم يُحفظ شيء. حاول لاحقًا.
problem-csrf-title = لم يُرسل من هذه الصفحة
problem-csrf-detail = لم يأتِ الطلب من صفحة تخص هذه الجلسة. ارجع وحمّل الصفحة من جديد ثم كرّر الطلب.
problem-plain-http-title = الاتصالات المشفّرة فقط
problem-plain-http-detail = لا يقبل هذا الخادم HTTP غير المشفّر إلا من جهازه ومن خوادمه الوكيلة. استخدم عنوان https.
problem-forbidden-title = غير مسموح
problem-forbidden-detail = لا يجوز لحسابك فعل ذلك. اطلب من المسؤول الدور اللازم.
problem-link-spent-title = لم يعد هذا الرابط يعمل
problem-link-spent-detail = سبق استخدامه أو أصبح قديمًا. اطلب رابطًا جديدًا من المسؤول.
problem-person-link-over-title = لم يعد هذا الرابط يعمل
problem-person-link-over-detail = انتهت صلاحيته أو لم يكن موجودًا قط. يُرجى مراسلة الجهة التي لديها بياناتك.
problem-method-not-allowed-title = غير ممكن هنا
problem-method-not-allowed-detail = لا يقبل هذا العنوان طلبات من هذا النوع.
problem-bad-request-title = تعذّرت قراءة الطلب
problem-bad-request-detail = شيء في الطلب ليس بالشكل المتوقع.
problem-unopenable-title = الجزء لا يُفتح
problem-unopenable-detail = لا يُفتح الجزء المختوم بمفاتيح هذا التثبيت.
problem-internal-title = حدث خطأ ما
problem-internal-detail = هذا خطأ من جانبنا، وقد سُجّل. يُرجى المحاولة مرة أخرى.

fault-name-not-resolved = اسم الخادم غير معروف: تحقّق من كتابته ومن خادم الأسماء.
fault-connection-refused = لا يوجد خادم يقبل الاتصالات هناك: تحقّق من المنفذ ومن أن الخادم يعمل.
fault-connection-lost = انقطع الاتصال: تحقّق من المنفذ ومن أن الطرفين يستخدمان TLS.
fault-no-answer = لم تصل إجابة في الوقت المحدد: تحقّق من الشبكة ومن جدار الحماية.
fault-certificate-expired = انتهت صلاحية شهادته.
fault-certificate-early = شهادته ليست صالحة بعد: تحقّق من الساعات.
fault-certificate-foreign = شهادته لاسم مضيف آخر: استخدم الاسم المذكور في الشهادة.
fault-certificate-unknown = شهادته من جهة غير معروفة هنا: تحقّق من ca_file.
fault-tls = لا اتصال آمنًا: { $value }.
fault-status = أجاب برمز حالة HTTP ‏{ $value }: تحقّق من العنوان ومن سجلّه.
fault-too-long = إجابته طويلة جدًا: تحقّق من العنوان.
fault-unreadable = يجيب، لكن ليس كما يجيب خادم من هذا النوع: تحقّق من العنوان.
fault-bind-refused = رُفض bind_dn أو كلمة مروره.
fault-base-not-found = لم يُعثر على { $value }: تحقّق من الاسم ومن إذن القراءة.
fault-filter-unreadable = لا يمكن قراءة أحد المرشّحات: تحقّق من أقواسه.
fault-directory-answered = أجاب الدليل: { $value }.
fault-attribute-missing = ليس لدى شخص ما قيمة واحدة بالضبط من { $value }: تحقّق من attributes.
fault-too-many-groups = شخص ما عضو في مجموعات كثيرة جدًا: ضيّق group_base أو group_filter.
fault-issuer-differs = يسمّي نفسه باسم غير { $value }: تحقّق من issuer حرفًا حرفًا.
fault-address-unsafe = يذكر عنوانًا من دون https أو لا يمكن قراءته أو يؤدي إلى هذا الجهاز أو إلى شبكة خاصة: اضبطه ليستخدم https واسم مضيفه نفسه. العنوان: { $value }
fault-client-refused = يرفض هذا العميل: تحقّق من client_id ومن السر.
fault-clock = تختلف الساعات بمقدار { $value } ثانية.
fault-metadata = وصفه ناقص أو بلا مفتاح توقيع أو غير صالح للاستخدام لسبب آخر: { $value }
fault-refused = رُفضت إجابة: { $value }.

login-with = تسجيل الدخول عبر { $provider }
login-with-another = تسجيل الدخول عبر { $provider } بحساب آخر
login-or-here = أو باسم المستخدم وكلمة المرور
login-cancelled = لم يسجّل المزوّد دخولك: إما أنك تراجعت أو أنه لا يسمح لك باستخدام هذه الخدمة. يُرجى المحاولة مرة أخرى أو مراجعة المسؤول.
login-refused = الإجابة التي عاد بها متصفحك غير صالحة: إما أنها قديمة جدًا أو استُخدمت من قبل أو ليست لهذه الصفحة. يُرجى تسجيل الدخول من جديد؛ وإن تكرر ذلك فأبلغ المسؤول.
onward-sign-in = المتابعة إلى { $provider }
onward-logout = تسجيل الخروج لدى { $provider } أيضًا
onward-button = متابعة
logged-out-title = لقد سجّلت الخروج
logged-out-again = تسجيل الدخول من جديد
confirm-title = هل ما زلت أنت؟
confirm-intro = حفاظًا على أمانك يُرجى إثبات هويتك مرة أخرى. لم يُنفَّذ شيء بعد: يُرجى بعد ذلك إعادة ما أردت فعله.
confirm-elsewhere = التأكيد عبر { $provider }
confirm-button = تأكيد
confirm-refused = لم تُؤكَّد هويتك: الإجابة التي عادت غير صالحة، أو لم يُطلب منك إثبات هويتك من جديد. يُرجى المحاولة مرة أخرى؛ وإن تكرر ذلك فأبلغ المسؤول.
confirm-somebody-else = لم تُؤكَّد هويتك: سجّل شخص آخر الدخول لدى المزوّد. يُرجى التأكيد بحسابك أنت.
problem-sign-in-over-title = انتهت محاولة تسجيل الدخول هذه
problem-sign-in-over-detail = استغرقت أكثر من عشر دقائق، أو استُخدمت من قبل، أو بدأت في متصفح آخر. يُرجى البدء من جديد.

accounts-title = الحسابات
accounts-end-all = تسجيل خروج جميع الآخرين
accounts-name = الاسم
accounts-provider = تسجيل الدخول عبر
accounts-roles = الأدوار
accounts-last = آخر تسجيل دخول
accounts-disabled = معطّل
accounts-no-role = بلا دور
accounts-never = لم يحدث بعد
accounts-later = حسابات أخرى
accounts-provider-gone = { $provider } (لم يعد مضبوطًا)
accounts-sessions = الجلسات
accounts-no-sessions = لا جلسة مفتوحة.
accounts-began = منذ { $at }
accounts-seen = آخر استخدام { $at }
accounts-this = هذه
accounts-end = إنهاء
accounts-end-theirs = إنهاء هذه كلها
accounts-remove = سحب
accounts-role = الدور
accounts-place = أين
accounts-add-role = إضافة دور
accounts-roles-from-groups = تأتي من مجموعات الحساب عند كل تسجيل دخول.
accounts-access = الوصول
accounts-enable = إعادة التفعيل
accounts-disable = تعطيل
accounts-disable-hint = الحساب المعطّل تُنهى جلساته كلها ولا يستطيع صاحبه تسجيل الدخول حتى يُعاد تفعيله.
accounts-own = لا يستطيع أحد تعطيل حسابه أو سحب أدواره. اطلب ذلك من مسؤول آخر.
role-admin = إدارة
role-editor = تحرير
role-reviewer = مراجعة
role-auditor = تدقيق
role-everywhere = في كل مكان
role-unknown = شيء لم يعد موجودًا
providers-title = طرق تسجيل الدخول
providers-check = تجربة الكل الآن
providers-intro = تُجرَّب كل طريقة مرة في الساعة وعند كل تسجيل دخول.
providers-good = تعمل
providers-bad = لا تعمل
providers-unknown = لم تُجرَّب بعد
providers-kind = النوع
providers-kind-local = حسابات هذا التثبيت
providers-kind-ldap = دليل LDAP
providers-kind-saml = SAML 2.0
providers-kind-cas = CAS
providers-kind-oidc = OpenID Connect
providers-success = آخر نجاح
providers-failure = آخر إخفاق
providers-certificate = الشهادة صالحة حتى
providers-soon = جدّدها قريبًا
door-sign-in-intro = يُرجى تسجيل الدخول لملء هذا النموذج.
door-sign-in-frame = يتم تسجيل الدخول في صفحة مستقلة، لا داخل هذه الصفحة. وستجد النموذج هناك أيضًا.
door-sign-in-own-page = فتح النموذج
door-sign-in-impossible = تسجيل الدخول غير ممكن الآن، لذلك لا يمكن ملء هذا النموذج. يُرجى المحاولة لاحقًا.
door-sign-in-over = لم تسجّل الدخول لهذا النموذج، أو مضت على تسجيل دخولك أكثر من ساعة. يُرجى تسجيل الدخول.
door-sign-in-over-sending = مضت على تسجيل دخولك أكثر من ساعة، لذلك لم يُرسل شيء ولم يُحفظ منه شيء. يُرجى تسجيل الدخول وملء النموذج من جديد.
door-trouble-cancelled = لم يُسجَّل دخولك: إما أنك تراجعت أو أن حسابك لا يمكن استخدامه هنا. يُرجى المحاولة مرة أخرى أو استخدام حساب آخر.
door-trouble-refused = الإجابة التي عاد بها متصفحك غير صالحة: إما أنها قديمة جدًا أو استُخدمت من قبل أو ليست لهذه الصفحة. يُرجى تسجيل الدخول من جديد.
door-trouble-away = تسجيل الدخول لا يعمل الآن لعدم وصول أي إجابة. يُرجى المحاولة بعد قليل.
door-trouble-misconfigured = طريقة تسجيل الدخول هذه لا تعمل الآن. يُرجى استخدام طريقة أخرى أو العودة لاحقًا.
door-trouble-not-allowed = لقد سجّلت الدخول، لكن هذا النموذج ليس مخصصًا لحسابك. إن كان لديك حساب آخر فيُرجى استخدامه.
door-trouble-second-factor = لهذا الحساب عامل ثانٍ لا يُطلب هنا. يُرجى تسجيل الدخول بطريقة أخرى.
identity-name = الاسم
identity-email = عنوان البريد الإلكتروني
identity-subject = معرّف الحساب
identity-verified = تم التحقق بواسطة { $provider }
signed-in-as = لقد سجّلت الدخول باسم { $name }.
signed-in-other = ألست هذا الشخص؟
signed-in-sent = يُرسل ما يلي مع إجاباتك:
problem-not-signed-in-title = هذا النموذج يتطلب تسجيل الدخول
problem-not-signed-in-detail = يُرجى فتح صفحة النموذج نفسها وتسجيل الدخول فيها. يسري تسجيل الدخول لمدة ساعة.

# حساب الموظف نفسه، والعوامل الثانية.
setup-error-guessable = كلمة المرور هذه سيجرّبها أي شخص. اختر بضع كلمات لا علاقة بينها، من دون اسمك ومن دون أسماء هذا الموقع.
second-title = العامل الثاني
second-code = الرمز من تطبيق المصادقة
second-button = متابعة
second-passkey = استخدام مفتاح مرور
second-recovery = استخدام رمز استرداد بدلًا من ذلك
second-recovery-code = رمز الاسترداد
second-recovery-hint = كل رمز يعمل مرة واحدة. الشرطات وحالة الأحرف لا تهم.
second-recovery-button = المتابعة بهذا الرمز
second-lost = هل فقدت كل شيء؟ يمكن للمسؤول إزالة عاملك الثاني.
second-other = تسجيل الدخول بحساب آخر
second-wrong = هذا غير صحيح، أو استُخدم من قبل. رمز التطبيق يعمل مرة واحدة: انتظر الرمز التالي، أو حاول مرة أخرى.
second-late-title = استغرق هذا وقتًا طويلًا
second-late = حفاظًا على أمانك ينتهي تسجيل الدخول بعد عشر دقائق. يُرجى البدء من جديد.
second-again = تسجيل الدخول من جديد
account-title = حسابك
account-back = العودة إلى حسابك
account-name = اسم المستخدم: { $name }
account-elsewhere = خدمة تسجيل دخول أخرى تتولى حسابك: كلمة مروره وعامله الثاني يُغيَّران هناك.
account-done-password = تم تغيير كلمة مرورك. وانتهت كل جلساتك الأخرى.
account-done-removed = تمت إزالة العامل الثاني.
account-done-late = استغرق ذلك وقتًا طويلًا، أو كان قد تم. لم يتغير شيء الآن. إن كان شيء ناقصًا أدناه فيُرجى البدء من جديد.
factors-title = العامل الثاني
factors-intro = مع عامل ثانٍ لا تفتح كلمة مرور مسروقة شيئًا وحدها: فتسجيل الدخول يحتاج أيضًا إلى شيء تملكه.
factors-required = هذا التثبيت يطلب عاملًا ثانيًا. يُرجى إضافة واحد للمتابعة.
factors-none = ليس لديك عامل ثانٍ بعد.
factor-kind-totp = تطبيق مصادقة
factor-kind-passkey = مفتاح مرور
factor-label = التسمية
factor-added = أُضيف في { $date }
factor-used = آخر استخدام في { $date }
factor-unused = لم يُستخدم بعد
factor-remove = إزالة
factor-remove-named = إزالة: { $label }
factor-last = يبقى آخر عامل ثانٍ لديك لأن هذا التثبيت يطلب واحدًا. أضِف عاملًا آخر أولًا.
totp-add = إضافة تطبيق مصادقة
totp-scan = 1. امسح هذا بالتطبيق
totp-picture = رمز QR يحوي المفتاح المكتوب أدناه
totp-by-hand = أو اكتب هذا المفتاح في التطبيق:
totp-details = إن سأل التطبيق: بحسب الوقت، 6 أرقام، 30 ثانية، SHA-1.
totp-open = الفتح في تطبيق على هذا الجهاز
totp-prove = 2. اكتب ما يعرضه التطبيق
totp-code = ستة أرقام
totp-label-hint = لتتعرف عليه لاحقًا، مثل «هاتف العمل»
totp-button = إضافة
totp-wrong = هذا الرمز غير صحيح. اضبط ساعة الهاتف على التلقائي، واكتب الرمز الذي يعرضه التطبيق الآن.
passkey-add = إضافة مفتاح مرور
passkey-intro = يبقى مفتاح المرور في هاتفك أو حاسوبك أو مدير كلمات المرور أو مفتاح الأمان، ويُفتح هناك بالإصبع أو الوجه أو رقم سري. لا يمكن لأحد أن يقرأه، ولا يمكنك أن تفشيه بالخطأ.
passkey-label-hint = لتتعرف عليه لاحقًا، مثل «الحاسوب المحمول» أو «المفتاح الأزرق»
passkey-create = إنشاء مفتاح المرور
passkey-failed = لم ينجح ذلك، أو أُلغي. لم يتغير شيء؛ يمكنك المحاولة مرة أخرى.
passkey-known = لدى هذا الجهاز مفتاح مرور لهذا الحساب بالفعل.
passkey-refused = ما أرسله المتصفح لا يصلح. يُرجى المحاولة مرة أخرى.
passkey-no-script = مفاتيح المرور تحتاج إلى JavaScript. يُرجى تفعيله ثم إعادة تحميل هذه الصفحة.
passkey-nowhere = مفاتيح المرور غير متاحة هنا: فالمتصفحات لا تقبلها إلا على عنوان https له اسم، وعنوان هذا التثبيت هو { $address }. يمكن للمسؤول تغيير server.public_url.
codes-title = رموز الاسترداد
codes-first = تم إعداد عاملك الثاني.
codes-intro = كل رمز من هذه الرموز ينوب مرة واحدة عن عاملك الثاني إذا فقدت هاتفك أو مفتاحك. اطبعها، أو احفظها حيث تحفظ كلمات مرورك، وليس على الهاتف وحده.
codes-once = لا تُعرض إلا الآن.
codes-kept = لقد حفظتها
codes-left = { $count ->
    [0] لم يبقَ لديك أي رمز استرداد.
    [one] بقي لديك رمز استرداد واحد.
    [two] بقي لديك رمزا استرداد.
    [few] بقيت لديك { $count } رموز استرداد.
   *[other] بقي لديك { $count } رمز استرداد.
}
codes-few = يُرجى إنشاء رموز جديدة.
codes-make = إنشاء رموز استرداد جديدة
codes-make-hint = الرموز القديمة تتوقف عن العمل.
password-title = تغيير كلمة المرور
password-intro = تنتهي كل جلساتك الأخرى.
password-old = كلمة مرورك الحالية
password-new = كلمة المرور الجديدة
password-repeated = كلمة المرور الجديدة مرة أخرى
password-old-wrong = كلمة المرور الحالية غير صحيحة.

# On the way to a provider
onward-intro = ستُنقل إلى هناك فورًا. إن لم يحدث شيء فتابع بالزر.

me-title = بياناتك لدى { $controller }
me-intro = كل من لديه عنوان هذه الصفحة يراها ويستطيع سحب موافقاتك، فاحتفظ به لنفسك. يعمل حتى { $date }.
me-form = النموذج
me-sent = أُرسل في
me-nothing = لا يُحتفظ بشيء لهذا الغرض
me-restricted = محفوظ لكنه لم يعد يُستخدم
me-until = محفوظ حتى { $date }
me-given = في { $date } وافقتَ على ما يلي:
me-refused = في { $date } لم توافق على ما يلي:
me-withdrawn = في { $date } سحبتَ موافقتك. وكانت:
me-withdraw = سحب هذه الموافقة
me-effect-erase = يُحذف فورًا ما هو محفوظ لهذا الغرض.
me-effect-restrict = لا يُستخدم ما هو محفوظ لهذا الغرض بعد ذلك.
me-done-withdrawn = سُحبت موافقتك.
me-receipt = تنزيل إيصال ما وافقتَ عليه

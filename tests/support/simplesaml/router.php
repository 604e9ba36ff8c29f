<?php
// For "php -S": what is below /simplesaml/ is a program of SimpleSAMLphp, with what follows its name as PATH_INFO.
$programs = '/usr/share/simplesamlphp/www';
$asked = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
if (!preg_match('#^/simplesaml((?:/[\w-]+)+\.php)(/.*)?$#', $asked, $parts) || !is_file($programs . $parts[1])) {
    http_response_code(404);
    exit;
}
$_SERVER['SCRIPT_NAME'] = '/simplesaml' . $parts[1];
$_SERVER['SCRIPT_FILENAME'] = $programs . $parts[1];
$_SERVER['PHP_SELF'] = $asked;
unset($_SERVER['PATH_INFO']);
if (isset($parts[2])) {
    $_SERVER['PATH_INFO'] = $parts[2];
}
chdir(dirname($programs . $parts[1]));
require $programs . $parts[1];

#!/usr/bin/env bash
# Installs what is missing on Debian 12: scripts/setup.sh build|test|scripts …
# Without root or password-less sudo it says exactly what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
need() { # need PROGRAM PACKAGE…: PACKAGE when PROGRAM is not there
    local program=$1
    shift
    # A program of its own: what only the shell has (kill) does not help the tests.
    type -P "$program" >/dev/null || packages+=("$@")
}

need_all() { # need_all PACKAGE…: those of them that are not installed
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || packages+=("$package")
    done
}

for what in "$@"; do
    case $what in
    build)
        command -v cargo >/dev/null 2>&1 || { echo "Rust is missing: install it with rustup, version 1.94 or later" >&2; exit 1; }
        need cc build-essential
        need pkg-config pkg-config
        # What the feature saml is built on: xmlsec and libxml2, and what reads their headers.
        need xmlsec1-config libxmlsec1-dev libssl-dev
        [ -n "$(find /usr/lib/llvm-*/lib /usr/lib/*/ -maxdepth 1 -name 'libclang*.so*' 2>/dev/null)" ] || packages+=(libclang-dev)
        ;;
    test)
        need age age
        [ -x /usr/sbin/clamd ] || packages+=(clamav-daemon)
        [ -x /usr/sbin/slapd ] || packages+=(slapd)
        # LemonLDAP::NG for SAML, CAS and OpenID Connect. Its own packages do not ask for all that it loads, and
        # without the last one of the first line a web server would come along.
        need_all starman faketime liblemonldap-ng-portal-perl liblasso-perl lemonldap-ng-fastcgi-server
        need_all libnet-ldap-perl libunicode-string-perl libio-string-perl libio-socket-timeout-perl libio-socket-ssl-perl \
            liblwp-protocol-https-perl libmime-tools-perl libstring-random-perl libxml-simple-perl libxml-libxml-perl \
            libgd-securityimage-perl libimage-magick-perl libconvert-base32-perl libipc-run-perl libhttp-parser-xs-perl
        # SimpleSAMLphp; its package asks for a web server, which is never started: the smallest there is.
        need_all php-cli php-cgi php-ldap php-xml php-mbstring micro-httpd simplesamlphp
        need kill procps
        need chromium chromium fonts-dejavu-core
        need openssl openssl
        need python3 python3
        need pg_dump postgresql-client
        need node nodejs
        need npm npm
        need systemd-analyze systemd
        [ -n "$(find /usr/lib/postgresql -maxdepth 3 -name initdb 2>/dev/null)" ] || packages+=(postgresql)
        ;;
    scripts)
        need node nodejs
        need npm npm
        ;;
    *)
        echo "setup: build, test or scripts" >&2
        exit 1
        ;;
    esac
done

if [ ${#packages[@]} -gt 0 ]; then
    root=()
    if [ "$(id -u)" != 0 ]; then
        root=(sudo -n)
        if ! sudo -n true 2>/dev/null; then
            echo "missing packages: install them with" >&2
            echo "    sudo apt-get update && sudo apt-get install --no-install-recommends ${packages[*]}" >&2
            exit 1
        fi
    fi
    echo "installing: ${packages[*]}"
    log=$(mktemp /tmp/sealwax-setup.XXXXXX)
    # No service is started by the installation, and no PostgreSQL cluster made.
    # shellcheck disable=SC2016 # expanded by the inner shell
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive bash -euc '
        made=
        if [ ! -e /usr/sbin/policy-rc.d ]; then
            printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
            chmod 755 /usr/sbin/policy-rc.d
            made=yes
        fi
        trap "[ -z \"$made\" ] || rm -f /usr/sbin/policy-rc.d" EXIT
        apt-get update -qq
        case " $* " in *" postgresql "*)
            apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends postgresql-common
            sed -i "s/^#*create_main_cluster.*/create_main_cluster = false/" /etc/postgresql-common/createcluster.conf ;;
        esac
        apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"
    ' setup "${packages[@]}" >"$log" 2>&1 || { tail -n 20 "$log" >&2; echo "the installation failed; all of it is in $log" >&2; exit 1; }
    rm -f "$log"
fi

case " $* " in
*" test "* | *" scripts "*)
    # The browser itself is Debian's; nothing is downloaded by an install script.
    for dir in tests/browser tests/support/openid; do
        if [ ! -e "$dir/node_modules/.package-lock.json" ] ||
            [ "$dir/package-lock.json" -nt "$dir/node_modules/.package-lock.json" ]; then
            (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund --silent)
            touch "$dir/node_modules/.package-lock.json"
        fi
    done
    ;;
esac

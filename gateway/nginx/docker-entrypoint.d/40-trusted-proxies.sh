#!/bin/sh
# Writes conf.d/trusted_proxies.conf from TRUSTED_PROXIES: the proxies in front of this gateway whose X-Forwarded-For
# (and -Proto) count, addresses or networks with commas between. None by default.
set -eu

case "${TRUSTED_PROXIES:-}" in
    *[!0-9a-fA-F.:/,\ ]*)
        echo "TRUSTED_PROXIES must be addresses or networks (192.0.2.1, 192.0.2.0/24) with commas between" >&2
        exit 1
        ;;
esac
proxies=$(echo "${TRUSTED_PROXIES:-}" | tr ',' ' ')

{
    echo 'real_ip_header X-Forwarded-For;'
    echo 'real_ip_recursive on;'
    for proxy in $proxies; do echo "set_real_ip_from $proxy;"; done
    echo 'geo $realip_remote_addr $behind_proxy {'
    echo '    default 0;'
    for proxy in $proxies; do echo "    $proxy 1;"; done
    echo '}'
} >"${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}/trusted_proxies.conf"

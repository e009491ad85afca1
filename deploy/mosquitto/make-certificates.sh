#!/bin/sh
# Makes a certificate authority of your own and a server certificate for the broker:
#
#   make-certificates.sh FOLDER NAME...
#
# FOLDER gets ca.pem (give it to every gateway and to redtide), ca.key (keep it away from the broker), server.pem and
# server.key. NAMEs are the host names and IP addresses by which the broker is reached. An authority that is already
# in FOLDER is used again, so that a new server certificate needs no change at the gateways.
set -eu
[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1
shift
mkdir -p "$folder"
cd "$folder"
umask 077

# openssl talks on standard error even when all is well.
quietly() {
  said=$("$@" 2>&1) || { echo "$said" >&2; exit 1; }
}

names=
for name in "$@"; do
  case $name in
    *:*) kind=IP ;;
    *[!0-9.]*) kind=DNS ;;
    *) kind=IP ;;
  esac
  names="$names${names:+,}$kind:$name"
done

key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
if [ ! -f ca.key ]; then
  # shellcheck disable=SC2086 # the options are words
  quietly openssl req -x509 $key -keyout ca.key -out ca.pem -days 7300 -subj "/CN=redtide authority"
fi
# shellcheck disable=SC2086
quietly openssl req $key -keyout server.key -out server.csr -subj "/CN=$1"
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$names" >server.ext
quietly openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -extfile server.ext \
  -out server.pem
rm server.csr server.ext
chmod 644 ca.pem server.pem
echo "$folder: server.pem for $names, valid 825 days; ca.pem for the gateways"

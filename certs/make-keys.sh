#!/bin/sh
# 用 openssl 生成网关及各方的 P-256 密钥 Makes P-256 keys for a gateway and those around it, with openssl alone.
#   certs/make-keys.sh FOLDER NAME...     签名密钥对 a signing key pair a name: NAME.key.pem (自留 keep), NAME.pub.pem (交对方 give away)
#   certs/make-keys.sh FOLDER --tls HOST  自建机构与网关的 TLS 证书 a private authority and the gateway's TLS key and chain for HOST
#   certs/make-keys.sh FOLDER --subject   存证中对象的 HMAC 密钥 the HMAC key of subjects in the evidence
# 已有的文件不覆盖，私钥仅属主可读 Nothing is overwritten; private keys are readable by their owner only.
set -eu
usage() { sed -n '2,6p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2; }
[ $# -ge 2 ] || usage
folder=$1
shift
umask 077
mkdir -p "$folder"

fresh() {
    [ ! -e "$1" ] || { echo "$1 已存在，未作改动 is there already; nothing was changed" >&2; exit 1; }
}

make_key() {
    fresh "$folder/$1.key.pem"
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$folder/$1.key.pem" 2>/dev/null
    openssl pkey -in "$folder/$1.key.pem" -pubout -out "$folder/$1.pub.pem"
    echo "$folder/$1.key.pem  $folder/$1.pub.pem"
}

case $1 in
--tls)
    [ $# -eq 2 ] || usage
    case $2 in *[0-9].[0-9]*) name="IP:$2" ;; *) name="DNS:$2" ;; esac
    make_key ca
    make_key tls
    openssl req -x509 -new -key "$folder/ca.key.pem" -subj "/CN=datong private authority" -days 3650 -out "$folder/ca.pem"
    openssl req -new -key "$folder/tls.key.pem" -subj "/CN=$2" |
        { printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$name" >"$folder/tls.ext"
          openssl x509 -req -CA "$folder/ca.pem" -CAkey "$folder/ca.key.pem" -CAcreateserial -days 825 \
              -extfile "$folder/tls.ext" -out "$folder/tls.chain.pem" 2>/dev/null; }
    rm -f "$folder/tls.ext" "$folder/ca.srl"
    echo "$folder/ca.pem  $folder/tls.chain.pem"
    ;;
--subject)
    fresh "$folder/subject.key"
    openssl rand -out "$folder/subject.key" 32
    echo "$folder/subject.key"
    ;;
-*) usage ;;
*) for name; do make_key "$name"; done ;;
esac

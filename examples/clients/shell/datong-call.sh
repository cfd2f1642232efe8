#!/usr/bin/env bash
# datong-call.sh: one signed call with bash, curl, openssl and what every system has (sed, grep, awk) 用命令行工具调用一次
#
#   datong-call.sh service NAME BODY.json     一项共享服务 one service
#   datong-call.sh matter  NAME BODY.json     一个事项的全部材料 all materials of a matter
#   datong-call.sh verify  ANSWER.json        以后再验证存下的证照 the certificates of an answer that was kept
#
# Environment 环境变量:
#   DATONG_URL    https://gateway.example:8443
#   DATONG_CA     the gateway's TLS anchors, PEM
#   DATONG_TRUST  trusted public keys, a JWKS as `datong keys` prints it; fetched once, compared, kept
#   DATONG_KEY    the private key, PEM, ECDSA P-256     DATONG_KEYID  its id at the gateway
# verify needs DATONG_TRUST alone.
#
# The answer is on standard output, what was verified on standard error. Exit: 0 answered and verified, 1 a fault,
# a missing or pending material or something that does not verify, 2 the command line, 78 a file that can't be used.
#
# Verified: the answer's signature (RFC 9421) with all that it must cover, the digest of its body (RFC 9530), each
# certificate's signature (RFC 7515) by the department that it names, and that the answer says what was signed there:
# exchange, service, outcome, time, scope, consent and the last day of its use. The salted digest of each field is left
# to the other clients, for a shell has no JSON: `verify` says so, and takes an answer only as the gateway wrote it.
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0"; }
fail() { printf '%s\n' "$2" >&2; hint; exit "$1"; }
unproven='' # the status of an answer whose signature is not verified yet
hint() { # what a refusal says that nobody may rely on: a gateway signs none for whom it does not know
    [[ $unproven == [45]?? ]] || return 0
    printf '未验签，仅供参考  not verified, a hint only: %s %s %s %s\n' "$unproven" "$(said_of code)" "$(said_of todo)" \
        "$(said_of todo_en)" >&2
}
said_of() { tr -d '\000-\037\177' <"$work/body" | member "$1" | head -c 300; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- octets, hexadecimal digits, Base64 ------------------------------------------------------------------------------
to_base64() { openssl base64 -A; }
to_hex() { od -An -v -tx1 | tr -d ' \n'; }
from_hex() { printf '%b' "$(printf '%s' "$1" | sed 's/../\\x&/g')"; }
from_base64() { openssl base64 -d -A <<<"$1"; }
from_base64url() {
    local text=${1//-/+}
    text=${text//_//}
    while ((${#text} % 4)); do text+='='; done
    from_base64 "$text"
}

# --- ECDSA: openssl writes DER, RFC 9421 and RFC 7518 want r and s of 32 octets each ----------------------------------
raw_of_der() { # FILE: r||s in hexadecimal digits
    local number
    openssl asn1parse -inform DER -in "$1" | sed -n 's/.*INTEGER *://p' | while read -r number; do
        printf '%064s' "$number" | tr ' A-F' '0a-f'
    done
}
der_integer() { # 64 hexadecimal digits
    local digits=$1
    while [[ $digits == 00* && ${#digits} -gt 2 ]]; do digits=${digits:2}; done
    [[ $digits == [89a-f]* ]] && digits=00$digits
    printf '02%02x%s' $((${#digits} / 2)) "$digits"
}
der_of_raw() { # 128 hexadecimal digits
    local pair
    pair=$(der_integer "${1:0:64}")$(der_integer "${1:64:64}")
    from_hex "$(printf '30%02x%s' $((${#pair} / 2)) "$pair")"
}
verify() { # KEYID OCTETS-FILE SIGNATURE-IN-HEX
    [[ $3 =~ ^[0-9a-f]{128}$ ]] || return 1
    der_of_raw "$3" >"$work/signature.der"
    openssl dgst -sha256 -verify "$work/$1.pem" -signature "$work/signature.der" "$2" >"$work/said" 2>&1
}

# --- trusted keys ----------------------------------------------------------------------------------------------------
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; } # of one flat JSON object
trusted() { # KEYID OWNER: its key as PEM; OWNER "gateway" or "department:*"
    local jwk owner
    [[ $1 =~ ^[A-Za-z0-9._-]{1,64}$ ]] || return 1
    jwk=$(tr -d ' \n\r\t' <"$DATONG_TRUST" | grep -o '{[^{}]*}' | grep -F "\"kid\":\"$1\"" | head -n 1) || return 1
    owner=$(member datong_owner <<<"$jwk")
    # shellcheck disable=SC2053  # the second is a pattern
    [[ $owner == $2 && $(member crv <<<"$jwk") == P-256 && $jwk != *'"datong_to"'* ]] || return 1
    # SubjectPublicKeyInfo of a P-256 point; source: RFC 5480, 2
    from_hex "3059301306072a8648ce3d020106082a8648ce3d03010703420004$(from_base64url "$(member x <<<"$jwk")" | to_hex
        )$(from_base64url "$(member y <<<"$jwk")" | to_hex)" |
        openssl pkey -pubin -inform DER -out "$work/$1.pem" 2>"$work/said"
}

# --- certificates ----------------------------------------------------------------------------------------------------
# How an answer begins, as the gateway writes it, and its issuer's statement says the same: exchange to scope and consent.
facts_form='"exchange":"[^"]*","service":"[^"]*",("subset":"[^"]*",)?"outcome":"[^"]*","as_of":"[^"]*","scope":\{[^}]*\}'
facts_form+='(,"consent":\{[^}]*\})?'
around_form='"service":"[^"]*","outcome":"[^"]*","answer":\{' # of a material, before its answer
open_form='(,"status":"[^"]*"\})?'                            # the end of what no department has signed yet
parts_form="($around_form)?$facts_form$open_form|\"certificate\":\"[A-Za-z0-9_.-]*\"|\"sharing\":\{\"valid_until\":\"[^\"]*\""

# Of the flat answer on standard input what counts: its own members and its materials', each name once; 0 for any other
# list or object, so that nothing in them is taken for it. Fails where it is not as the gateway writes it.
envelope() {
    grep -oE '"([^"\\]|\\.)*":?|[^"]' | awk '
        function put(text) { if (!skipped) print text }
        function counts(place) {
            sub(/^\.requirements(\[\](\.materials(\[\](\.answer)?)?)?)?/, "", place)
            return place == "" || place ~ /^\.(scope|consent|sharing)$/ || ($0 == "[" && place ~ /^\.scope\.[a-z]+$/)
        }
        BEGIN { ORS = "" }
        /^"/ {
            if (substr($0, length($0)) == ":") {
                name = substr($0, 2, length($0) - 3)
                if (index(name, "\\") || seen[object[depth], name]++) { bad = 1; exit }
            }
            put($0)
            next
        }
        /^[{[]$/ {
            place[depth + 1] = depth == 0 ? "" : place[depth] (list[depth] ? "[]" : "." name)
            object[++depth] = ++objects
            list[depth] = $0 == "["
            if ($0 == "{" && place[depth] == ".requirements[].materials[]") put("@") # so that each is found again
            if (!skipped && !counts(place[depth])) { put(0); skipped = depth }
            put($0)
            next
        }
        /^[]}]$/ { put($0); if (skipped == depth) skipped = 0; depth--; next }
        /^ $/ { bad = 1; exit }
        { put($0) }
        END { exit bad }'
}
check_statement() { # JWS: it is its department's. Leaves its text in $payload, the department in $issuer
    local head mark keyid
    IFS=. read -r head payload mark <<<"$1"
    keyid=$(from_base64url "$head" | member kid)
    [[ $(from_base64url "$head" | member alg) == ES256 ]] || fail 1 "证照签名算法不是 ES256  not ES256"
    printf '%s' "$head.$payload" >"$work/statement"
    payload=$(from_base64url "$payload")
    issuer=$(sed -n 's/.*"issuer":{[^}]*"id":"\([^"]*\)".*/\1/p' <<<"$payload")
    [[ $issuer =~ ^[a-z][a-z0-9-]*$ ]] || fail 1 "证照没有签发方  a certificate without an issuer"
    trusted "$keyid" "department:$issuer" || fail 1 "证照密钥不受信任  a key that is not trusted for $issuer: $keyid"
    verify "$keyid" "$work/statement" "$(from_base64url "$mark" | to_hex)" ||
        fail 1 "证照无效  certificate: INVALID (key $keyid)"
}
invalid() { fail 1 "证照无效  certificate: INVALID: $1"; }
check_facts() { # PART: those of this exchange, and under a material what is said around them. Leaves them in $facts
    local around
    facts=${1#*\"answer\":\{}
    around=${1%"$facts"}
    [[ -z $around && -z $matter || ${around%,\"answer\":\{} == "$(grep -oE '"service":"[^"]*"' <<<"$facts"),$(
        grep -oE '"outcome":"[^"]*"' <<<"$facts")" ]] || invalid "the material says something else than its own answer"
    [[ $facts == "$whole,"* ]] || invalid "an answer of another exchange"
}
settle() { # what was read of an answer must be all that it needs
    [[ -z $facts ]] || invalid "no certificate in an answer"
    [[ -z $until ]] || invalid "sharing.valid_until differs from what the issuer signed"
}
check_certificates() { # FILE WORDS-WHERE-A-STATEMENT-HOLDS, and "signed" where the gateway's signature was verified
    local part payload issuer facts='' until='' told whole matter count=0 open=0 alone=0 around=0
    local -x LC_ALL=C # octets, whatever they are
    tr -d '\n\r\t' <"$1" | envelope >"$work/flat" || fail 1 "与网关所写不同，不予验证  not as the gateway wrote it: INVALID"
    whole=$(grep -oE '^\{"exchange":"[^"]*"' "$work/flat" | sed 's/^{//') || fail 1 "没有可验证的证照  no certificate to verify"
    matter=$(grep -oE '^\{"exchange":"[^"]*","matter":"' "$work/flat") || true
    [[ -n $matter ]] || grep -qE "^\{${facts_form}[,}]" "$work/flat" || fail 1 "没有可验证的证照  no certificate to verify"
    while read -r part; do
        case $part in
            '"certificate"'*)
                [[ -n $facts ]] || invalid "not as the gateway wrote it"
                check_statement "$(cut -d'"' -f4 <<<"$part")"
                [[ $payload == *"$facts,\"consumer\":"* ]] || invalid "the answer differs from what the issuer signed"
                facts='' told=''
                until=$(member valid_until <<<"$payload")
                if [[ -n $until ]]; then
                    told="，可用至 usable until $until"
                    [[ ! $until < $(TZ=CST-8 date +%Y-%m-%d) ]] || told+="，已过 it is over"
                fi
                printf '%s (issuer %s)%s\n' "$2" "$issuer" "$told" >&2
                count=$((count + 1))
                ;;
            '"sharing"'*)
                [[ -z $facts ]] || continue # of the record
                [[ -n $until && $part == *":\"$until\"" ]] || invalid "sharing.valid_until differs from what the issuer signed"
                until=''
                ;;
            *)
                settle
                check_facts "$part"
                [[ $part != *'"answer":{'* ]] || around=$((around + 1))
                [[ $part == *'"status":"'* ]] || continue
                # what became of a submission, repeated without its certificate, is the gateway's word alone
                if [[ $facts =~ \"outcome\":\"(accepted|returned|done|refused)\" && $part == *'"status":"/v1/submissions/'* ]]; then
                    alone=$((alone + 1))
                else
                    [[ $facts =~ \"outcome\":\"(pending|deferred|unknown)\" ]] || invalid "no certificate in an answer"
                    open=$((open + 1))
                fi
                facts=''
                ;;
        esac
    done < <(grep -oE "$parts_form" "$work/flat")
    settle
    # an answer that was laid out anew, or has something left out, is none that was verified
    ((count + open + alone > 0 && count == $(grep -oE '"certificate" *:' "$work/flat" | wc -l))) ||
        fail 1 "没有可验证的证照  no certificate to verify"
    ((open == 0)) || printf '尚无定论，稍后查询  no last word yet, ask later: %s\n' "$(
        grep -oE '"status":"/v1/[A-Za-z0-9/-]*"' "$work/flat" | head -n 1 | cut -d'"' -f4)" >&2
    if ((alone > 0)); then
        [[ ${3:-} == signed ]] || fail 1 "仅有办理结果，不附证照，无可验证  the outcome alone, no certificate: nothing here proves it"
        printf '仅重复办理结果，不附证照，由网关签名  the outcome alone, no certificate: the gateway'"'"'s word\n' >&2
    fi
    # a material ends with its outcome where it brought no answer
    ! grep -qE '"fault" *:|"outcome" *: *"(failed|withheld)"|"service" *: *"[^"]*" *, *"outcome" *: *"[^"]*" *\}' "$work/flat" ||
        fail 1 "有材料未取得  a material is missing"
    ((around == $(grep -oF '@{' "$work/flat" | wc -l))) || invalid "a material without an answer as the gateway writes it"
    ((open == 0)) || exit 1
}

# --- the call --------------------------------------------------------------------------------------------------------
[[ ${1:-} == --help || ${1:-} == -h ]] && { usage; exit 0; }
need() { # NAME...
    local name
    for name in "$@"; do [[ -n ${!name:-} ]] || fail 78 "缺环境变量 $name  $name is not set; see --help"; done
}
readable() { # FILE...
    local file
    for file in "$@"; do [[ -r $file ]] || fail 78 "读不到 $file  can't be read"; done
}
if [[ $# -eq 2 && $1 == verify ]]; then
    need DATONG_TRUST
    readable "$2" "$DATONG_TRUST"
    check_certificates "$2" "签发方声明有效，未核对内容  statement: valid, the content was not compared"
    exit 0
fi
[[ $# -eq 3 && $2 =~ ^[a-z][a-z0-9-]*$ ]] || { usage >&2; exit 2; }
case $1 in
    service) path=/v1/services/$2 ;;
    matter) path=/v1/matters/$2/materials ;;
    *) usage >&2; exit 2 ;;
esac
need DATONG_URL DATONG_CA DATONG_TRUST DATONG_KEY DATONG_KEYID
readable "$3" "$DATONG_CA" "$DATONG_TRUST" "$DATONG_KEY"
[[ $DATONG_URL =~ ^https://([^/]+)/?$ ]] || fail 78 "DATONG_URL 应为 https://HOST:PORT"
authority=${BASH_REMATCH[1],,}
authority=${authority%:443}

digest="sha-256=:$(openssl dgst -sha256 -binary "$3" | to_base64):"
parameters='("@method" "@authority" "@path" "@query" "content-digest" "content-type")'
parameters+=";created=$(date +%s);nonce=\"$(openssl rand -hex 16)\";keyid=\"$DATONG_KEYID\";tag=\"datong\""
{ # the signature base; source: RFC 9421, 2.5. No line feed at its end
    printf '"@method": POST\n"@authority": %s\n"@path": %s\n"@query": ?\n' "$authority" "$path"
    printf '"content-digest": %s\n"content-type": application/json\n' "$digest"
    printf '"@signature-params": %s' "$parameters"
} >"$work/base"
openssl dgst -sha256 -sign "$DATONG_KEY" -out "$work/sent.der" "$work/base" 2>"$work/said" ||
    fail 78 "DATONG_KEY 不能签名  can't sign: $DATONG_KEY"
ours=$(from_hex "$(raw_of_der "$work/sent.der")" | to_base64)

status=$(curl -q --silent --show-error --proto '=https' --cacert "$DATONG_CA" --max-time 60 \
    --dump-header "$work/head" --output "$work/body" --write-out '%{http_code}' \
    --header 'Content-Type: application/json' --header 'Accept: application/json' --header 'Expect:' \
    --header "Content-Digest: $digest" --header "Signature-Input: sig1=$parameters" \
    --header "Signature: sig1=:$ours:" --data-binary "@$3" "${DATONG_URL%/}$path") ||
    fail 1 "没有应答  no answer from $DATONG_URL"
unproven=$status

# --- the answer ------------------------------------------------------------------------------------------------------
field() { # NAME: the value of a header field that must stand there once
    local lines
    lines=$(tr -d '\r' <"$work/head" | sed -n "s/^$1: *//Ip")
    [[ -n $lines && $lines != *$'\n'* ]] || fail 1 "应答未签名  the answer is not signed: no $1"
    printf '%s' "$lines"
}
said=$(field Signature-Input)
covered='("@status" "content-type" "content-digest" "signature";req;key="sig1" "content-digest";req)'
label=${said%%=*}
theirs=${said#*=}
[[ $label =~ ^[a-z][a-z0-9_.*-]*$ && ${theirs:0:${#covered}} == "$covered" ]] ||
    fail 1 "应答的签名未覆盖应覆盖的内容  the answer's signature does not cover what it must"
keyid=$(sed -n 's/.*;keyid="\([^"]*\)".*/\1/p' <<<"${theirs:${#covered}}")
signature=$(field Signature)
[[ $signature =~ ^"$label"=:([A-Za-z0-9+/=]+):$ ]] || fail 1 "应答签名格式有误  the answer's signature can't be read"
signature=${BASH_REMATCH[1]}
body_digest=$(field Content-Digest)
{
    printf '"@status": %s\n"content-type": %s\n' "$status" "$(field Content-Type)"
    printf '"content-digest": %s\n"signature";req;key="sig1": :%s:\n' "$body_digest" "$ours"
    printf '"content-digest";req: %s\n"@signature-params": %s' "$digest" "$theirs"
} >"$work/base"
trusted "$keyid" gateway || fail 1 "应答签名密钥不受信任  signed with a key that is not trusted for a gateway: $keyid"
verify "$keyid" "$work/base" "$(from_base64 "$signature" | to_hex)" ||
    fail 1 "应答签名无效  signature: INVALID (key $keyid)"
[[ $body_digest == "sha-256=:$(openssl dgst -sha256 -binary "$work/body" | to_base64):" ]] ||
    fail 1 "应答内容与摘要不符  the body does not have the digest that was signed"
unproven=''
printf '签名有效  signature: valid (key %s)\n' "$keyid" >&2
cat "$work/body"
[[ $status == 2* ]] || fail 1 "
被拒绝  refused: $status $(member code <"$work/body")"
check_certificates "$work/body" "证照有效  certificate: valid" signed

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's tpm2-tools against both devices: what a guest does with a TPM.
. /run/suite/tap.sh

dir=$(mktemp -d)
cd "$dir" || exit 1
echo "what is signed" >message
echo "what is sealed" >secret
manager=device:/dev/tpmrm0
export TPM2TOOLS_TCTI=$manager

# refused COMMAND...: it fails
refused()
{
	if "$@"; then
		echo "accepted, which it must not be: $*"
		return 1
	fi
}

fixed_properties()
{
	tpm2_getcap properties-fixed >properties && grep -A1 TPM2_PT_MANUFACTURER properties &&
		grep -A2 TPM2_PT_FAMILY_INDICATOR properties | grep -q 2.0
}

# Without the resource manager a key stays in the TPM until it is flushed.
flush()
{
	[ "$TPM2TOOLS_TCTI" = $manager ] || tpm2_flushcontext -t
}

primary()
{
	tpm2_createprimary -Q -C o -G "$1" -c primary.ctx && tpm2_readpublic -c primary.ctx -o pub &&
		test -s pub && flush
}

for device in /dev/tpm0 /dev/tpmrm0; do
	export TPM2TOOLS_TCTI=device:$device
	t "$device: getcap shows a TPM 2.0" fixed_properties
	t "$device: pcrread in all banks" tpm2_pcrread
	t "$device: createprimary rsa2048" primary rsa2048
	t "$device: createprimary ecc256" primary ecc256
done
export TPM2TOOLS_TCTI=$manager

signing_key()
{
	tpm2_createprimary -Q -C o -G "$1" -c sign.ctx \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' &&
		tpm2_readpublic -Q -c sign.ctx -f pem -o sign.pem
}

sign()
{
	signing_key "$1" && tpm2_sign -c sign.ctx -g sha256 -s "$2" -o sig message &&
		tpm2_sign -c sign.ctx -g sha256 -s "$2" -f plain -o sig.plain message
}

verify()
{
	tpm2_verifysignature -c sign.ctx -g sha256 -m "$1" -s sig
}

openssl_verify()
{
	openssl dgst -sha256 -verify sign.pem -signature sig.plain "$1"
}

echo "something else" >forged
for key in rsa2048:rsassa ecc256:ecdsa; do
	t "$key: sign" sign "${key%:*}" "${key#*:}"
	t "$key: verifysignature accepts it" verify message
	t "$key: verifysignature refuses another message" refused verify forged
	t "$key: openssl accepts it" openssl_verify message
	t "$key: openssl refuses another message" refused openssl_verify forged
done

seal()
{
	tpm2_pcrreset 16 && tpm2_createprimary -Q -C o -G ecc256 -c parent.ctx &&
		tpm2_createpolicy -Q --policy-pcr -l sha256:16 -L policy &&
		tpm2_create -Q -C parent.ctx -L policy -i secret -u sealed.pub -r sealed.priv &&
		tpm2_load -Q -C parent.ctx -u sealed.pub -r sealed.priv -c sealed.ctx
}

unseal()
{
	tpm2_unseal -c sealed.ctx -p pcr:sha256:16 -o unsealed && cmp secret unsealed
}

extend()
{
	tpm2_pcrextend "16:sha256=$(sha256sum <message | cut -d' ' -f1)"
}

t "seal under a PCR policy" seal
t "unseal while the PCR is the same" unseal
t "extend the PCR" extend
t "unseal is refused after the extend" refused unseal
t "reset the PCR" tpm2_pcrreset 16
t "unseal works again after the reset" unseal

attestation_key()
{
	tpm2_createprimary -Q -C e -G ecc256:ecdsa:null -c ak.ctx \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign' &&
		tpm2_readpublic -Q -c ak.ctx -f pem -o ak.pem
}

quote()
{
	tpm2_quote -Q -c ak.ctx -l sha256:0,7,13 -q 0123456789abcdef -m quote.msg -s quote.sig \
		-o quote.pcrs -g sha256
}

checkquote()
{
	tpm2_checkquote -Q -u ak.pem -m "$2" -s quote.sig -f quote.pcrs -q "$1" -g sha256
}

flip_last_byte()
{
	size=$(wc -c <"$1")
	{
		head -c $((size - 1)) "$1"
		tail -c 1 "$1" | xxd -p | sed 's/^../&/; y/0123456789abcdef/123456789abcdef0/' | xxd -r -p
	} >"$2"
	refused cmp -s "$1" "$2"
}

t "make an attestation key" attestation_key
t "quote" quote
t "checkquote accepts it" checkquote 0123456789abcdef quote.msg
t "checkquote refuses another nonce" refused checkquote 0123456789abcdee quote.msg
t "change the quote" flip_last_byte quote.msg flipped.msg
t "checkquote refuses the changed quote" refused checkquote 0123456789abcdef flipped.msg

nv_write()
{
	head -c 2000 /dev/urandom >nv.in &&
		tpm2_nvdefine -Q -C o -s 2000 -a 'ownerread|ownerwrite' 0x1800001 &&
		tpm2_nvwrite -Q -C o -i nv.in 0x1800001
}

nv_read()
{
	tpm2_nvread -C o -s 2000 -o nv.out 0x1800001 && cmp nv.in nv.out
}

t "NV define and write 2000 bytes" nv_write
t "NV read gives them back" nv_read
t "NV undefine" tpm2_nvundefine -Q -C o 0x1800001
t "NV read is refused then" refused nv_read

encrypted_session()
{
	tpm2_createprimary -Q -C o -G ecc256 -c parent.ctx &&
		tpm2_startauthsession -Q --hmac-session -c parent.ctx -S session.ctx &&
		tpm2_sessionconfig -Q --enable-encrypt --enable-decrypt session.ctx &&
		tpm2_getrandom -S session.ctx --hex 32 && tpm2_flushcontext session.ctx
}

t "random bytes through a salted, encrypted session" encrypted_session

rm -rf "$dir"
tap_end

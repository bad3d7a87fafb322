#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# attest.sh: composite attestation from end to end, with each mode of the confidential
# TPM: guests under snpemu, an Owner CA and a verifier on the host, and the tools of
# others, who agree.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/scripts/port.sh"
. "$top/tests/tap.sh"

ctpm=$top/build/ctpm
aud=verifier.example
work=$(mktemp -d)
stop()
{
	[ ! -e "$work/swtpm.pid" ] || kill "$(cat "$work/swtpm.pid")" 2>/dev/null || :
	rm -rf "$work"
}
trap stop EXIT

# initrd OUT SERIES [FILE=DEST...]
initrd()
{
	crypto=
	[ "$2" != 6.12 ] || crypto="-m gcm -m ghash-generic"
	out=$1
	series=$2
	shift 2
	# shellcheck disable=SC2086 # a list of options
	"$top/scripts/initrd.sh" "$out" "$series" -m configfs -m sev-guest $crypto -p "$ctpm" \
		-p "$(ldconfig_path libtss2-tcti-device.so.0)" "$ctpm=bin/ctpm" \
		"$top/scripts/port.sh=port.sh" "$top/tests/attest-guest.sh=run.sh" "$@"
}

append="console=ttyS0 quiet panic=-1 ctpm.run=/run.sh"

# boot NAME SERIES INITRD [OPTION...]: the guest is there when this returns; what is known of
# it is in $work/NAME
boot()
{
	here=$work/$1
	kernel=$("$top/scripts/kernel.sh" "$2" image)
	initrd=$3
	shift 3
	mkdir -p "$here/roots"
	[ ! -e "$work/ca/ca.pem" ] || cp "$work/ca/ca.pem" "$here/roots/"
	"$top/build/snpemu" measure --kernel "$kernel" --initrd "$initrd" --append "$append" \
		"$@" >"$here/measurement"
	port_host "$here/port" "$top/build/snpemu" --kernel "$kernel" --initrd "$initrd" \
		--append "$append" --timeout 300 --keys "$work/keys" --certs "$here/roots" "$@" \
		>"$here/console" 2>&1 || { cat "$here/console"; return 1; }
}

end()
{
	echo "exit 0" >&4
	port_end
}

# policy NAME [KEY VALUE]...: one that demands this guest's launch
policy()
{
	guest=$1
	shift
	{
		printf '{"version": 1, "modes": ["svsm"], "measurements": ["%s"]' \
			"$(cat "$work/$guest/measurement")"
		while [ $# -gt 0 ]; do
			printf ', "%s": %s' "$1" "$2"
			shift 2
		done
		echo '}'
	} >"$work/$guest/policy.json"
}

# enrol NAME: at the Owner CA
enrol()
{
	port_run "ctpm enroll request -o /tmp/request" || return
	port_get /tmp/request "$work/$1/request"
	"$ctpm" ca issue --dir "$work/ca" --policy "$work/$1/policy.json" --roots "$work/$1/roots" \
		-o "$work/$1/reply" "$work/$1/request" || return
	port_put "$work/$1/reply" /tmp/reply
	port_put "$work/ca/ca.pem" /tmp/ca.pem
	port_run "ctpm enroll complete --ca /tmp/ca.pem /tmp/reply"
}

# attest NAME [OPTION...]: to a new challenge, evidence in $work/NAME/evidence
attest()
{
	guest=$1
	shift
	"$ctpm" challenge --aud $aud -o "$work/$guest/challenge"
	port_put "$work/$guest/challenge" /tmp/challenge
	port_run "ctpm attest --challenge /tmp/challenge --aud $aud -o /tmp/evidence $*" || return
	port_get /tmp/evidence "$work/$guest/evidence"
}

verify()
{
	"$ctpm" verify "$1/evidence" --challenge "$1/challenge" --aud $aud --policy "$1/policy.json" \
		--roots "$1/roots"
}

# accepted NAME
accepted()
{
	verify "$work/$1"
}

# refused NAME CHECK: and CHECK is what fails
refused()
{
	status=0
	verify "$work/$1" >"$work/said" || status=$?
	cat "$work/said"
	[ $status = 1 ] && grep -Eq "^ *$2 +FAIL" "$work/said"
}

# The same TPM says what other tools say: tpm2_checkquote of the quote, tpm2_eventlog of the log
others_agree()
{
	"$ctpm" evidence extract "$work/$1/evidence" -o "$work/$1/parts"
	parts=$work/$1/parts
	tpm2_checkquote -u "$parts/ak.pem" -m "$parts/attest" -s "$parts/signature" -g sha256 \
		-q "$(cat "$parts/qualifying-data")" || return
	tpm2_eventlog "$parts/log" >"$parts/log.yaml" || return
	replayed=$(sed -n '/^  sha256:/,/^  sha384:/s/^ *13 *: 0x//p' "$parts/log.yaml" | tr A-F a-f)
	[ "$replayed" = "$(sed -n 's/^13 //p' "$parts/pcrs")" ]
}

# what the other tools take, they don't take with a bit flipped
others_refuse()
{
	parts=$work/$1/parts
	cp "$parts/attest" "$work/attest" || return
	printf '\377' | dd of="$work/attest" bs=1 seek=60 conv=notrunc 2>/dev/null
	! tpm2_checkquote -u "$parts/ak.pem" -m "$work/attest" -s "$parts/signature" -g sha256 \
		-q "$(cat "$parts/qualifying-data")"
}

module()
{
	echo "$("$top/scripts/module.sh" "$1")/ctpm.ko=ctpm.ko"
}

sealed_and_unsealed()
{
	port_run "echo secret | ctpm seal -o /tmp/sealed" || return
	[ "$(port_run "ctpm unseal /tmp/sealed")" = secret ]
}

unseal_refused()
{
	port_run "rmmod ctpm; insmod /ctpm.ko identity_pcr=12" || return
	status=0
	port_run "ctpm unseal /tmp/sealed" || status=$?
	[ $status = 1 ]
}

# fails STATUS COMMAND: in the guest
fails()
{
	status=0
	port_run "$2" || status=$?
	[ $status = "$1" ]
}

# As in an initramfs, where nobody has mounted securityfs: it is still the SVSM's TPM
bind_refused()
{
	port_run "umount /sys/kernel/security; status=0; ctpm bind || status=\$?
		mount -t securityfs securityfs /sys/kernel/security; [ ! -e /run/ctpm ] && exit \$status" \
		>"$work/said" && return 1
	cat "$work/said"
	grep "this machine has the SVSM's TPM" "$work/said"
}

reset_count()
{
	"$ctpm" evidence show "$work/$1/evidence" | sed -n 's/^ *resetCount *\([0-9]*\)$/\1/p' | head -n 1
}

# counted_up NAME NAME
counted_up()
{
	first=$(reset_count "$1")
	second=$(reset_count "$2")
	echo "$first, then $second"
	[ "$second" -gt "$first" ]
}

# mixed NAME EVIDENCE_OF CHALLENGE_OF: one guest's evidence, another's challenge
mixed()
{
	mkdir -p "$work/$1"
	cp -r "$work/$2/roots" "$work/$2/evidence" "$work/$2/policy.json" "$work/$1/"
	cp "$work/$3/challenge" "$work/$1/"
}

"$ctpm" ca init --dir "$work/ca" --name "owner" >/dev/null

for series in 6.12 7.3; do
	initrd "$work/initrd-$series" "$series" "$(module $series)"
	name=svsm-$series
	t "$series: a guest boots" boot "$name" "$series" "$work/initrd-$series"
	policy "$name"
	t "$series: its status is that of a bound TPM" port_run "ctpm status | grep '^bound *1'"
	t "$series: evidence without an AK certificate" attest "$name"
	t "$series: is refused for that" refused "$name" ak-certificate
	t "$series: it enrols at the Owner CA" enrol "$name"
	t "$series: ctpm bind does not take its TPM for the hypervisor's" bind_refused
	t "$series: it answers a challenge" attest "$name"
	t "$series: the evidence is accepted" accepted "$name"
	t "$series: tpm2_checkquote and tpm2_eventlog agree" others_agree "$name"
	t "$series: tpm2_checkquote refuses another quote" others_refuse "$name"
	t "$series: it answers with a report for this challenge" attest "$name" --fresh-report
	t "$series: a process that was killed, and had the same number, is not in its way" port_run \
		"mkdir /sys/kernel/config/tsm/report/ctpm-\$\$ && exec ctpm attest --challenge /tmp/challenge --fresh-report -o /tmp/e"
	t "$series: that is accepted" accepted "$name"
	t "$series: a challenge of another verifier is not answered" fails 1 \
		"ctpm attest --challenge /tmp/challenge --aud somebody.else -o /tmp/e"
	t "$series: a secret is sealed, and given back" sealed_and_unsealed
	t "$series: the same in another state is refused" unseal_refused
	t "$series: after that the evidence says that the binding is late" attest "$name"
	t "$series: and is refused" refused "$name" binding
	t "$series: the guest ends" end
done

name=rsa
t "rsa: a guest boots" boot "$name" 6.12 "$work/initrd-6.12"
policy "$name"
t "rsa: it makes an RSA AK and keeps it" port_run "ctpm ak create --alg rsa"
t "rsa: it enrols" enrol "$name"
t "rsa: it answers a challenge" attest "$name"
t "rsa: the evidence is accepted" accepted "$name"
t "rsa: tpm2_checkquote and tpm2_eventlog agree" others_agree "$name"
# with an EK certificate in NV, by the Owner CA, who is then the TPM's maker, too
provisioned()
{
	"$ctpm" ca issue --dir "$work/ca" --policy "$work/$1/policy.json" --roots "$work/$1/roots" \
		-o "$work/$1/reply" --ek-certificate "$work/$1/ek.der" "$work/$1/request" || return
	port_put "$work/$1/ek.der" /tmp/ek.der
	port_run "ctpm provision /tmp/ek.der"
}
t "rsa: the Owner CA certifies the EK, which goes to the TPM's NV" provisioned "$name"
policy "$name" require_ek_certificate true
t "rsa: it answers a challenge" attest "$name"
t "rsa: the EK's certificate is demanded, and not by a maker that is trusted" refused "$name" ek
cp "$work/ca/ca.pem" "$work/$name/roots/ek-owner.pem"
t "rsa: by one that is" accepted "$name"
t "rsa: the certificate of another EK is not taken" fails 1 "ctpm provision /var/lib/ctpm/ak.der"
mixed replayed "$name" svsm-7.3
t "evidence for another challenge is refused" refused replayed challenge
# what anybody can make for this TPM: a reply, and a certificate by somebody who is not its owner
somebody_elses()
{
	"$ctpm" ca init --dir "$work/other-ca" --name "somebody" >/dev/null
	port_run "ctpm enroll request -o /tmp/request" || return
	port_get /tmp/request "$work/$1/request"
	"$ctpm" ca issue --dir "$work/other-ca" --policy "$work/$1/policy.json" \
		--roots "$work/$1/roots" -o "$work/$1/reply" "$work/$1/request" || return
	port_put "$work/$1/reply" /tmp/reply
	status=0
	port_run "ctpm enroll complete --ca /tmp/ca.pem /tmp/reply" || status=$?
	[ $status = 1 ] || return
	# what cannot be looked at is not refused
	fails 3 "ctpm enroll complete --ca /tmp/no-such-file /tmp/reply" &&
		fails 3 "ctpm enroll complete --ca /tmp/reply /tmp/reply"
}
t "a reply of somebody else's CA is refused by the guest" somebody_elses "$name"
# its AKs are the TPM's: one being revoked, there is no certificate for another
no_other_ak()
{
	status=0
	ak=$(awk '$2 != "-" { ak = $2 } END { print ak }' "$work/ca/index")
	"$ctpm" ca revoke --dir "$work/ca" "$ak" || return
	port_run "ctpm ak create && ctpm enroll request -o /tmp/request" || return
	port_get /tmp/request "$work/$1/request"
	"$ctpm" ca issue --dir "$work/ca" --policy "$work/$1/policy.json" --roots "$work/$1/roots" \
		-o "$work/$1/reply" "$work/$1/request" >"$work/said" 2>&1 || status=$?
	cat "$work/said"
	[ $status = 1 ] && grep 'of this TPM .* was revoked' "$work/said" && ! grep "$ak" "$work/said"
}
t "rsa: an AK being revoked, its TPM gets no certificate for another" no_other_ak "$name"
t "rsa: the guest ends" end

# the host has the binding fail: an error event is in PCR 12, the same in any launch
name=unbound
t "unbound: a guest boots whose binding fails" boot "$name" 6.12 "$work/initrd-6.12" \
	--fault attest-error=0x80000005
t "unbound: nothing is sealed to the launch identity" fails 3 "echo secret | ctpm seal -o /tmp/sealed"
t "unbound: it ends" end

# the same launch twice, with a TPM that keeps its state
name=persistent
t "persistent: a guest boots" boot "$name" 6.12 "$work/initrd-6.12" --state "$work/state"
policy "$name"
t "persistent: it enrols" enrol "$name"
port_get /var/lib/ctpm/ak.der "$work/ak.der"
t "persistent: it answers a challenge" attest "$name"
t "persistent: the evidence is accepted" accepted "$name"
# a verifier that believes the Owner CA needs no root of AMD's, for the boot in which the guest enrolled
believe()
{
	mkdir -p "$work/$2/roots"
	cp "$work/$1/evidence" "$work/$1/challenge" "$work/$1/measurement" "$work/$2/"
	cp "$work/ca/ca.pem" "$work/$2/roots/"
	policy "$2" allow_vouched_report true
}
believe "$name" believing
t "persistent: where the Owner CA's word counts, without AMD's root" accepted believing
whole=$(wc -c <"$work/$name/evidence")
half_as_large()
{
	[ "$(wc -c <"$work/$name/evidence")" -lt $((whole / 2)) ]
}
t "persistent: it answers without AMD's certificates" attest "$name" --no-certs
t "persistent: in less than half as many bytes" half_as_large
believe "$name" believing
t "persistent: that is enough there" accepted believing
t "persistent: and where AMD's certificates are" accepted "$name"
t "persistent: it answers with them" attest "$name"
cp -r "$work/$name" "$work/first"
t "persistent: a secret is sealed to the launch" port_run \
	"echo secret | ctpm seal -o /tmp/sealed && ctpm unseal /tmp/sealed"
port_get /tmp/sealed "$work/sealed"
t "persistent: it ends" end
t "persistent: it boots again" boot "$name" 6.12 "$work/initrd-6.12" --state "$work/state"
port_put "$work/sealed" /tmp/sealed
t "persistent: the secret is given back" port_run "[ \"\$(ctpm unseal /tmp/sealed)\" = secret ]"
port_run "mkdir -p /var/lib/ctpm" >/dev/null
port_put "$work/ak.der" /var/lib/ctpm/ak.der
t "persistent: it answers with the AK certificate of before" attest "$name"
t "persistent: the evidence is accepted, EK and AK are the same" accepted "$name"
believe "$name" believing
t "persistent: its certificate does not vouch for this boot" refused believing report
cp "$work/$name/roots/"* "$work/believing/roots/"
t "persistent: but AMD's does" accepted believing
mixed old first "$name"
t "persistent: the evidence of the boot before is refused" refused old challenge
t "persistent: resetCount has gone up" counted_up first "$name"
t "persistent: it ends again" end
initrd "$work/initrd-other" 6.12 "$(module 6.12)" "$top/COPYING=COPYING"
t "persistent: another launch with the same TPM" boot other 6.12 "$work/initrd-other" --state "$work/state"
port_put "$work/sealed" /tmp/sealed
t "persistent: the secret is refused to it, as long as it does not extend PCR 12 itself" fails 1 "ctpm unseal /tmp/sealed"
t "persistent: it ends" end

# a TPM of the host's, with a certificate by its maker
swtpm_setup_chip()
{
	mkdir -p "$work/chip" "$work/maker"
	cat >"$work/maker/localca.conf" <<-EOF
		statedir = $work/maker
		signingkey = $work/maker/signkey.pem
		issuercert = $work/maker/issuercert.pem
		certserial = $work/maker/certserial
	EOF
	printf 'create_certs_tool = /usr/bin/swtpm_localca\ncreate_certs_tool_config = %s\ncreate_certs_tool_options = /etc/swtpm-localca.options\n' \
		"$work/maker/localca.conf" >"$work/maker/setup.conf"
	swtpm_setup --tpm2 --tpmstate "$work/chip" --create-ek-cert --config "$work/maker/setup.conf" \
		--overwrite
}

# chip MODE: its socket, for plain commands or with a control channel
chip()
{
	case $1 in
	plain)	swtpm socket --tpm2 --tpmstate dir="$work/chip" --flags startup-clear --daemon \
			--server type=unixio,path="$work/chip.sock" --pid file="$work/swtpm.pid" ;;
	control) swtpm socket --tpm2 --tpmstate dir="$work/chip" --flags startup-clear --daemon \
			--ctrl type=unixio,path="$work/chip.ctrl" --pid file="$work/swtpm.pid" ;;
	esac
}

chip_off()
{
	# it ends by itself when its guest does
	[ ! -e "$work/swtpm.pid" ] || kill "$(cat "$work/swtpm.pid")" 2>/dev/null || :
	rm -f "$work/swtpm.pid"
}

t "forwarding: a chip with an EK certificate is made" swtpm_setup_chip
chip plain
name=forwarding
t "forwarding: a guest boots" boot "$name" 6.12 "$work/initrd-6.12" --tpm "unix:$work/chip.sock"
policy "$name" require_ek_certificate true
cp "$work/maker/issuercert.pem" "$work/$name/roots/ek-maker.pem"
t "forwarding: it enrols" enrol "$name"
t "forwarding: it answers a challenge" attest "$name"
t "forwarding: the evidence is accepted, with the maker's certificate" accepted "$name"
rm "$work/$name/roots/ek-maker.pem"
t "forwarding: and refused where the maker is not trusted" refused "$name" ek
t "forwarding: it ends" end
chip_off

# the host adds a TPM, which becomes tpm0: the SVSM's is still the one that counts
its_own_is_used()
{
	port_run "own=\$(ls /sys/bus/platform/drivers/ctpm/*/tpmrm) && [ \$own = tpmrm1 ] || exit
		ctpm status | grep ak_name >/tmp/default && ctpm status --tcti device:/dev/tpmrm1 | grep ak_name >/tmp/own &&
		ctpm status --tcti device:/dev/tpmrm0 | grep ak_name >/tmp/hosts && cmp /tmp/default /tmp/own && ! cmp /tmp/default /tmp/hosts"
}
sealed_to_its_own()
{
	port_run "echo secret | ctpm seal -o /tmp/sealed && [ \"\$(ctpm unseal --tcti device:/dev/tpmrm1 /tmp/sealed)\" = secret ] &&
		! ctpm unseal --tcti device:/dev/tpmrm0 /tmp/sealed"
}
chip control
name=two
t "two TPMs: a guest boots to which the host has added one" boot "$name" 6.12 "$work/initrd-6.12" -- \
	-chardev "socket,id=chip,path=$work/chip.ctrl" -tpmdev emulator,id=tpm0,chardev=chip \
	-device tpm-crb,tpmdev=tpm0
policy "$name"
t "two TPMs: the SVSM's is used" its_own_is_used
t "two TPMs: a secret is sealed by the SVSM's" sealed_to_its_own
t "two TPMs: ctpm bind takes neither" bind_refused
t "two TPMs: it enrols" enrol "$name"
t "two TPMs: it answers a challenge" attest "$name"
t "two TPMs: the evidence is accepted" accepted "$name"
t "two TPMs: it ends" end
chip_off

# a TPM outside the SVSM, and no SVSM
initrd "$work/initrd-bind" 6.12
chip control
name=bind
t "bind: a guest without an SVSM boots" boot "$name" 6.12 "$work/initrd-bind" --vmpl 0 --tpm none -- \
	-chardev "socket,id=chip,path=$work/chip.ctrl" -tpmdev emulator,id=tpm0,chardev=chip \
	-device tpm-crb,tpmdev=tpm0
policy "$name" modes '["bind"]' require_ek_certificate true
sed -i 's/"modes": \["svsm"\], //' "$work/$name/policy.json"
cp "$work/maker/issuercert.pem" "$work/$name/roots/ek-maker.pem"
t "bind: it binds the hypervisor's TPM" port_run "ctpm bind"
t "bind: a second time is refused" fails 3 "ctpm bind"
t "bind: it enrols" enrol "$name"
t "bind: it answers a challenge" attest "$name" --fresh-report
t "bind: the evidence is accepted, with the maker's word that this is a TPM" accepted "$name"
rm "$work/$name/roots/ek-maker.pem"
t "bind: and without it refused" refused "$name" ek
policy "$name"
t "bind: and refused where only the SVSM's TPM will do" refused "$name" mode
t "bind: it ends" end
chip_off

# an SVSM without a TPM: the report is of the guest's own VMPL
chip control
name=bind-vmpl2
t "bind, VMPL2: a guest whose SVSM has no TPM boots" boot "$name" 6.12 "$work/initrd-bind" --tpm none -- \
	-chardev "socket,id=chip,path=$work/chip.ctrl" -tpmdev emulator,id=tpm0,chardev=chip \
	-device tpm-crb,tpmdev=tpm0
policy "$name" bind_vmpls '[2]' require_ek_certificate false
sed -i 's/"modes": \["svsm"\]/"modes": ["bind"]/' "$work/$name/policy.json"
t "bind, VMPL2: it binds the hypervisor's TPM" port_run "ctpm bind"
t "bind, VMPL2: it enrols" enrol "$name"
t "bind, VMPL2: it answers a challenge" attest "$name" --fresh-report
t "bind, VMPL2: the evidence is accepted" accepted "$name"
sed -i 's/"bind_vmpls": \[2\]/"bind_vmpls": [0]/' "$work/$name/policy.json"
t "bind, VMPL2: and refused where the report has to be of VMPL0" refused "$name" vmpl
t "bind, VMPL2: it ends" end
chip_off
tap_end

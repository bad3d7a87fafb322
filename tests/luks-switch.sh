# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# In the initramfs of tests/luks.sh's guests: ctpm.ko first of all, then systemd in the
# Debian root, with a volume in its crypttab that only the TPM can unlock.
insmod /suite/ctpm.ko identity_pcr=12
modprobe dm_crypt
for m in xts ecb; do
	modprobe $m 2>/dev/null
done
echo "vol /dev/vdb none tpm2-device=/dev/tpmrm0,headless=1,nofail" >/newroot/etc/crypttab
units=/newroot/etc/systemd/system
cat >$units/serve.service <<'EOF'
[Unit]
After=multi-user.target systemd-cryptsetup@vol.service
[Service]
ExecStart=/bin/sh /run/suite/serve.sh
StandardInput=null
EOF
mkdir -p $units/multi-user.target.wants
ln -s ../serve.service $units/multi-user.target.wants/serve.service
exec switch_root /newroot /lib/systemd/systemd --unit=multi-user.target

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
# Of what systemd does at boot only that: under emulation all of it takes a minute.
units=/newroot/etc/systemd/system
cat >$units/block.service <<'EOF'
[Unit]
DefaultDependencies=no
After=systemd-udevd.service
[Service]
Type=oneshot
ExecStart=/usr/bin/udevadm trigger --action=add --subsystem-match=block
EOF
cat >$units/serve.service <<'EOF'
[Unit]
DefaultDependencies=no
Wants=systemd-udevd.service block.service systemd-cryptsetup@vol.service
After=systemd-cryptsetup@vol.service
[Service]
ExecStart=/bin/sh /run/suite/serve.sh
StandardInput=null
EOF
exec switch_root /newroot /lib/systemd/systemd --unit=serve.service

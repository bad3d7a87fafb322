# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctpm: the kernel module, the tools, and how to try and test them.
# "make help" lists the targets.

VERSION	:= 0.1.0
KVER	?= $(shell uname -r)
KDIR	?= /lib/modules/$(KVER)/build
PREFIX	?= /usr/local
DESTDIR	?=
O	?= $(CURDIR)/build
CACHE	:= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ctpm

all: tools

help:
	@echo 'Without setting anything up:'
	@echo '  demo          set everything up and watch a Debian kernel get a bound vTPM'
	@echo '  check         set everything up and run all tests'
	@echo '  bench         set everything up and measure'
	@echo 'Building:'
	@echo '  all, tools    snpemu, libctpm and ctpm, in build/ (needs the packages that scripts/setup.sh installs)'
	@echo '  modules       ctpm.ko for the running kernel (or KVER=..., KDIR=...)'
	@echo '  install       the tools and libctpm, to $$(DESTDIR)$$(PREFIX)'
	@echo '  modules_install, dkms-install   the module, once or for every kernel to come'
	@echo '  initramfs-install               bind the TPM first at boot (initramfs-tools or dracut)'
	@echo 'Looking after the tree:'
	@echo '  proof         prove the model of the protocol with ProVerif, which is not in Debian'
	@echo '  style         clang-format, checkpatch, sparse, shellcheck, coccicheck'
	@echo '  clean         what was built here; distclean: the cache, $(CACHE), too'

tools:
	$(MAKE) -C tools/snpemu O=$(O)
	$(MAKE) -C tools/libctpm O=$(O)
	$(MAKE) -C tools/ctpm O=$(O)

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

modules_install: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	depmod -a $(KVER)

install: tools
	install -D -m 0755 $(O)/snpemu $(DESTDIR)$(PREFIX)/bin/snpemu
	install -D -m 0644 $(O)/monitor.elf $(DESTDIR)$(PREFIX)/lib/snpemu/monitor.elf
	rm -rf $(DESTDIR)$(PREFIX)/lib/snpemu/ci
	cp -r $(O)/ci $(DESTDIR)$(PREFIX)/lib/snpemu/ci
	install -D -m 0755 $(O)/ctpm $(DESTDIR)$(PREFIX)/bin/ctpm
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $(O)/snpemu.1 $(O)/snpemu-ci.1
	[ ! -e $(O)/ctpm.1 ] || install -D -m 0644 $(O)/ctpm.1 $(DESTDIR)$(PREFIX)/share/man/man1/ctpm.1
	[ ! -e $(O)/man3/done ] || install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man3 $(O)/man3/*.3
	install -D -m 0644 $(O)/libctpm.so.1 $(DESTDIR)$(PREFIX)/lib/libctpm.so.1
	ln -sf libctpm.so.1 $(DESTDIR)$(PREFIX)/lib/libctpm.so
	install -D -m 0644 $(O)/libctpm.a $(DESTDIR)$(PREFIX)/lib/libctpm.a
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/include/ctpm tools/libctpm/include/ctpm/*.h
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),' tools/libctpm/libctpm.pc.in \
		>$(DESTDIR)$(PREFIX)/lib/pkgconfig/libctpm.pc

dkms-install:
	install -d $(DESTDIR)/usr/src/ctpm-$(VERSION)
	cp -r Kbuild dkms.conf drivers include $(DESTDIR)/usr/src/ctpm-$(VERSION)/
	$(if $(DESTDIR),,dkms add -m ctpm -v $(VERSION))
	$(if $(DESTDIR),,dkms install -m ctpm -v $(VERSION) -k $(KVER))

initramfs-install:
	scripts/initramfs/install.sh "$(DESTDIR)"

demo check bench:
	@scripts/$@.sh

proof:
	@Documentation/proof/proof.sh

style:
	@tests/static.sh

clean:
	rm -rf build
	find . -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' | \
		xargs -r rm -f
	rm -f Module.symvers modules.order

# Roots made by root belong to it, hence sudo where we are not.
distclean: clean
	if [ "$$(id -u)" = 0 ]; then rm -rf "$(CACHE)"; else sudo rm -rf "$(CACHE)"; fi

.PHONY: all help tools modules modules_install install dkms-install initramfs-install \
	demo check bench proof style clean distclean

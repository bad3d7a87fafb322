#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# In a shell of its own: dracut's hooks are sourced.
/sbin/ctpm-early

#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# cppcheck has nothing to say, but for what cppcheck.suppress lists with its reasons.
use strict;
use warnings;
use FindBin;
use Test::More;

chdir("$FindBin::Bin/../..") or die($!);
plan(skip_all => 'cppcheck is not installed') if system('command -v cppcheck >/dev/null 2>&1');
my $said = `cppcheck --enable=warning,portability --inline-suppr --std=c11 --quiet -j2 -I. --suppress=missingIncludeSystem --suppressions-list=tests/static/cppcheck.suppress --template='{file}:{line}: {id}: {message}' model replay parsers cmd 2>&1`;
is($said, '', 'cppcheck: warnings and portability');
done_testing();

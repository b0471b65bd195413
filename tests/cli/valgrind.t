#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Under memcheck parse, compare, explain and check use no bad memory and lose none for good.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

plan(skip_all => 'valgrind is not installed') if system('command -v valgrind >/dev/null 2>&1');
plan(skip_all => 'memcheck cannot run a build with sanitizers') if $ENV{SPB_SANITIZED};

my $said = tmp('memcheck');
my $memcheck = "timeout 60 valgrind -q --log-file='$said' --leak-check=full" .
	' --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99';

sub clean {
	my ($name, @args) = @_;
	unlink($said);
	my ($exit, undef, $err) = sh(join(' ', $memcheck, '"$T"', map { "'$_'" } @args));
	is($exit, 0, "$name: status") or diag($err);
	is(slurp($said), '', "$name: memcheck has nothing to say");
}

for my $file (qw(small_v7.dat small_v6.dat trace_pipe.txt)) {
	my ($log, $out) = (tmp("$file.spblog"), tmp("$file.out"));
	clean("parse $file", 'parse', '-q', '-i', data($file), '-o', $log);
	clean("compare $file", 'compare', '-q', '-i', $log, '-V', 'spb-v1-none', '-V', 'spb-v1-hotpath',
	      '-o', $out);
	clean("explain $file", 'explain', $out, '--spb', 0);
	clean("check $file", 'check', '-q', '-i', $log, '-V', 'vanilla');
}
done_testing();

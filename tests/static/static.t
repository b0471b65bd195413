#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# cppcheck and clang-tidy have nothing to say, but for what the two lists here name with reasons.
# Both read every source of the four layers.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

chdir("$FindBin::Bin/../..") or die($!);
my @layers = qw(model replay parsers cmd);
my $jobs = `nproc` + 0 || 2;

sub installed { return !system("command -v $_[0] >/dev/null 2>&1") }

SKIP: {
	skip('cppcheck is not installed', 1) unless installed('cppcheck');
	my $said = `cppcheck --enable=warning,portability --inline-suppr --std=c11 --quiet -j$jobs -I. --suppress=missingIncludeSystem --suppressions-list=tests/static/cppcheck.suppress --template='{file}:{line}: {id}: {message}' @layers 2>&1`;
	is($said, '', 'cppcheck: warnings and portability');
}

# max-nodes: a quarter of what the analyser takes by default, for half of the time. One file a
# process: a second one sees va_lists of the first.
SKIP: {
	skip('clang-tidy is not installed', 3) unless installed('clang-tidy');
	my $tmp = tempdir(CLEANUP => 1);
	my $flags = `make -s flags`;
	chomp($flags);
	my @sources = sort map { glob("$_/*.c $_/*/*.c") } @layers;
	my $deep = join(' ', map { "--extra-arg=-Xclang --extra-arg=$_" } qw(-analyzer-config max-nodes=50000));
	open(my $x, '|-', "xargs -P $jobs -n 1 sh -c 'clang-tidy --quiet $deep \"\$\@\" -- \$FLAGS >$tmp/\$\$ 2>$tmp/\$\$.err || touch $tmp/failed' sh")
		or die($!) if ($ENV{FLAGS} = $flags =~ s/'//gr);
	print $x "$_\n" for @sources;
	close($x);
	my %open;
	open(my $list, '<', 'tests/static/clang-tidy.suppress') or die($!);
	while (<$list>) {
		chomp;
		$open{$_} = 1 unless /^#/;
	}
	my (%used, @said);
	for my $line (split(/\n/, `cat $tmp/[0-9]*[0-9]`)) {
		my ($file, $what, $check) = $line =~ m{^(\S+?):\d+:\d+: (?:warning|error): (.*) \[([\w.,-]+)\]$} or next;
		$file =~ s{^\Q$ENV{PWD}\E/|^.*?/(?=(?:model|replay|parsers|cmd)/)}{};
		my ($key) = grep { $open{$_} } map { "$_:$file" } split(/,/, $check);
		$key ? $used{$key}++ : push(@said, $line);
	}
	is(join("\n", @said), '', 'clang-tidy');
	is(join("\n", grep { !$used{$_} } sort keys %open), '', 'and each exception is one');
	ok(!-e "$tmp/failed", scalar(@sources) . ' sources read') or diag(`cat $tmp/*.err | grep -i error | head`);
}
done_testing();

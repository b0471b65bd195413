#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Process names are chosen by whoever runs a process. In pages they are text, on a terminal they steer
# nothing, in tables they are one cell.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my @names = ('<b>&"\'</b>', "\e[2J\e]0;x\a", '</script><i>', "a,\"b\"", '=cmd|x!A0', "\xff\xfe\xc3(", '${x}`id`', '%s%n%s');

# The first allocation taints its superpageblock: that name is in every result.
sub capture {
	my ($name) = @_;
	my $text = "# tracer: nop\n";
	$text .= sprintf("  %s-%d  [000] d..1.  1.%06d: mm_page_alloc_zone_locked: page=0x1 pfn=0x%x order=0 migratetype=2 percpu_refill=0\n",
		$name, 100, $_, 0x100000 + $_ * 4096) for 1 .. 50;
	return spit(tmp('names.txt'), $text);
}

for my $name (@names) {
	my $shown = $name =~ s/[^ -~]/?/gr;
	my $dat = capture($name);
	my $out = tmp('out');
	my @arms = ('-V', 'vanilla', '-V', 'spb-v1-hotpath');
	system('rm', '-rf', $out);
	my ($exit, $said, $err) = run('compare', '-i', $dat, @arms, '-o', $out);
	is($exit, 0, "$shown: compare") or diag($err);
	my $cell = $name =~ s/"/""/gr;
	$cell = "\"$cell\"" if $name =~ /[",]/;
	ok(index(slurp("$out/taint.csv"), ",100,$cell,") > 0, 'one cell of a table') unless $name =~ /[^ -~]/;

	is((run('report', '-q', $out))[0], 0, 'report');
	my $page = slurp("$out/report.html");
	my $html = $name =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/>/&gt;/gr;
	is(index($page, $name), -1, 'no name is markup') if $html ne $name;
	ok($page =~ s/(?:&quot;|&#34;)/"/gr =~ s/&#39;/'/gr =~ /\Q$html\E/, 'it is there as text') unless $name =~ /[^ -~]/;
	my @ends = $page =~ /<\/script>/g;
	my @begins = $page =~ /<script\b/g;
	is(scalar(@ends), scalar(@begins), 'every script ends where it should');
	unlike($page, qr/[\x00-\x08\x0b-\x1f\x7f]/, 'no control bytes');

	my %said = (
		compare => $said, info => (run('info', $dat))[1], diff => (run('diff', $out))[1],
		explain => (run('explain', $out, '--spb', '0'))[1], check => (run('check', '-q', '-I', 'repopulate', '-V', 'vanilla', '-i', $dat))[1],
		messages => $err,
		'report --text' => (run('report', '--text', $out))[1],
	);
	unlike($said{$_}, qr/[\x00-\x08\x0b-\x1f\x7f]/, "$_: nothing steers the terminal") for sort keys %said;
}
my ($e, undef, $m) = run('info', "/nowhere/\e[2J\nx");
is($e, 4, 'a file name that would steer it');
is($m =~ tr/\n//, 1, 'is one line');
unlike($m, qr/\e/, 'and steers nothing');
my $odd = capture('a');
link($odd, tmp("e\e[2J\nvil.txt")) or die($!);
my ($exit, $said) = run('info', tmp("e\e[2J\nvil.txt"));
is($exit, 0, 'a file with such a name');
like($said, qr/^input +\S+e\?\[2J\?vil\.txt$/m, 'is told on one line');
unlike($said, qr/\e/, 'that steers nothing');

# The same where a fleet is told: host and capture are words of a manifest, or the name of a file.
my $capture = tmp("e\e[31mz.txt");
link($odd, $capture) or die($!);
my $manifest = spit(tmp('m.csv'), qq{capture,host\n"$capture","web1\e[2J\nweb2: 0 losses"\n});
my @arms = ('-V', 'vanilla', '-V', 'spb-v1-none');
$said = (run('batch', '-n', @arms, '-o', tmp('hb'), $manifest))[1];
like($said, qr/^measured: \S+e\?\[31mz\.txt, /m, 'batch -n: such a capture is told on one line');
unlike($said, qr/\e/, 'that steers nothing');
is((run('batch', '-q', @arms, '-o', tmp('hb'), $manifest))[0], 0, 'batch');
my $merged = tmp('hm') . '/merged.csv';
is((run('merge', '-q', '-o', tmp('hm'), tmp('hb')))[0], 0, 'merge');
# The second variant is made the worse one.
my $table = slurp($merged) =~ s/,vanilla,/,van\e[2Jilla,/gr =~ s/,spb-v1-none,/,spb-\e[2Jv1,/gr;
my @cells = split(/,/, ($table =~ /\A([^\n]*)\n/)[0]);
my ($at) = grep { $cells[$_] eq 'spb_tainted_end' } 0 .. $#cells;
my $after = $#cells - $at;
$table =~ s/[^,\n]*((?:,[^,\n]*){$after}\n)\z/999$1/;
spit($merged, $table);
$said = (run('merge', $merged))[1];
like($said, qr/^spb-\?\[2Jv1 against van\?\[2Jilla: 1 host/, 'merge: variants');
like($said, qr/hurts most, [^:]+: web1\?\[2J\?web2: 0 losses \+/, 'hosts');
unlike($said, qr/[\x00-\x08\x0b-\x1f\x7f]/, 'nothing steers the terminal');
done_testing();

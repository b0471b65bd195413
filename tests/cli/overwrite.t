#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# No command writes over what it reads, by whatever option or name it came to it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Find;
use Test::More;
use Spb;

my $dat = slurp(scene());
my $snap = slurp(scene() =~ s/dat$/snap/r);
chdir(tmp('')) or die($!);
mkdir($_) for qw(snapshot out b);
spit('c.dat', $dat);
spit('c.snap', $snap);
spit('v.json', '{ "base": "base.json", "name": "mine" }');
spit('base.json', '{ "base": "vanilla", "name": "base" }');
spit('snapshot/zoneinfo', "Node 0, zone   Normal\n  pages free     9\n        spanned  9\n" .
	"        present  9\n        managed  9\n  start_pfn:           0\n");
spit("snapshot/$_", '') for qw(iomem kpageflags.zst);
spit('cpu1.raw', slurp(data('cpu1.raw')));
system('cp', '-r', "$FindBin::Bin/../data/tracing", 'tracing') == 0 or die('no formats');
spit('b/batch.csv', "capture\n../c.dat\n");
is((run('compare', '-q', '-i', 'c.dat', '-o', 'sat'))[0], 0, 'results');
is((run('batch', '-q', '-V', 'vanilla', '-o', 'fleet', spit('hosts.csv', "capture\nc.dat\n")))[0], 0,
	'and those of a fleet');
is((run('merge', '-q', '-o', 'fleet', 'fleet'))[0], 0, 'merged');
symlink('c.dat', 'link');

# All files here and what is in them.
sub state {
	my %all;
	find({ no_chdir => 1, wanted => sub { $all{$_} = slurp($_) if -f && !m{/\.std} } }, '.');
	return join("\n", map { "$_ " . unpack('%32C*', $all{$_}) . ' ' . length($all{$_}) } sort keys %all);
}

my $format = 'tracing/events/kmem/mm_page_free/format';
my $before = state();
my @cut = qw(cut -w 50%~ -o);
my @synth = qw(synth -q -n 1000);
for (
	['c.dat' => qw(parse -q -i c.dat -o c.dat)],
	['./c.dat' => qw(parse -q c.dat -o ./c.dat)],
	['link' => qw(parse -q c.dat -o link)],
	['c.snap' => @cut, 'c.snap', qw(-i c.dat -s c.snap -z 0/Normal)],
	['snapshot/zoneinfo' => @cut, 'snapshot/zoneinfo', qw(-i c.dat -s snapshot)],
	['snapshot/kpageflags.zst' => @cut, 'snapshot/kpageflags.zst', qw(-i c.dat -s snapshot/)],
	['c.dat' => qw(parse -i cpu1.raw --format-dir c.dat -o c.dat)],
	[$format => qw(parse -i cpu1.raw --format-dir tracing -o), $format],
	['tracing/events/header_page' => @cut,
		qw(tracing/events/header_page -i cpu1.raw --format-dir tracing/events)],
	['v.json' => @synth, qw(-V v.json:highatomic=false -o v.json)],
	['base.json' => @synth, qw(-V v.json -o base.json)],
	['sat/run.json' => qw(report -o sat/run.json sat)],
	['sat/summary.csv' => qw(report -o sat/summary.csv sat)],
	['sat/taint.csv' => qw(export -p -o sat/taint.csv sat/)],
	['b/batch.csv' => qw(batch -V vanilla -o b b/batch.csv)],
	['fleet/merged.csv' => qw(merge -o fleet fleet/merged.csv)],
) {
	my ($file, @words) = @$_;
	fails(2, qr/ \Q$file\E: is an input - give another -o$/, @words);
}
fails(2, qr/ v\.json: is an input - give another -s$/, @synth, qw(-V v.json -s v.json -o new.dat));

# Results over a capture or a variant that has the name of one of them.
for my $name (qw(spb.csv run.json schema.json)) {
	rename('c.dat', "out/$name");
	fails(2, qr/out\/\Q$name\E: is an input/, 'compare', '-i', "out/$name", '-o', 'out');
	rename("out/$name", 'c.dat');
}
rename('c.dat', 'out/check.csv');
fails(2, qr/out\/check\.csv: is an input/, qw(check -V vanilla -i out/check.csv -o out));
rename('out/check.csv', 'c.dat');
rename('base.json', 'out/run.json');
fails(2, qr/out\/run\.json: is an input/, qw(replay -i c.dat -V out/run.json -o out));
rename('out/run.json', 'base.json');
rename('c.snap', 'out/check.csv');
fails(2, qr/out\/check\.csv: is an input/,
	qw(check -V vanilla -i c.dat --after out/check.csv -o out));
rename('out/check.csv', 'c.snap');

for ([capture => 'c.dat'], [snapshot => 'c.snap']) {
	my ($column, $file) = @$_;
	rename($file, 'out/batch.csv');
	my $other = $column eq 'snapshot' ? ',capture' : '';
	spit('fleet.csv', "$column$other\nout/batch.csv" . ($other && ',c.dat') . "\n");
	fails(2, qr/out\/batch\.csv: is an input/, qw(batch -V vanilla -o out fleet.csv));
	rename('out/batch.csv', $file);
	unlink('fleet.csv');
}

# Standard input is a file, too.
for my $words ('parse -q -i - -o c.dat', 'parse -q - -o link', 'cut -w 50%~ -i - -o c.dat',
	       'parse -q /dev/stdin -o c.dat') {
	my ($exit, $out, $err) = sh("\"\$T\" $words <c.dat");
	is($exit, 2, "$words: exit status");
	like($err, qr/: is an input - give another -o$/, 'and why');
}
is(state(), $before, 'nothing on disk has changed');

# What only stands beside an input is replaced as ever.
spit('snapshot/part', 'old');
unlink('snapshot/kpageflags.zst');
is((run(@cut, 'snapshot/part', qw(-q -i c.dat -s snapshot)))[0], 0, 'a file of a snapshot folder');
spit('sat/other', 'old');
is((run(qw(report -q -o sat/other sat)))[0], 0, 'a file of a result folder');
is((run(qw(compare -q -i c.dat -o sat)))[0], 0, 'results once more');
is((sh('"$T" parse -q -i - -o out/log <c.dat'))[0], 0, 'a log of standard input');

done_testing();

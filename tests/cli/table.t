#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The table of compare on a terminal: a column a variant where that fits, else a row a variant, with
# the same figures.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my $dat = scene();
my @all = qw(vanilla spb-v1-none spb-v1-alloc spb-v1-fallthrough spb-v1-hotpath spb-v2 spb-bitmap);

# The table alone, without the causes below it.
sub table {
	my ($exit, $out, $err) = run('compare', '-q', '-i', $dat, @_);
	is($exit, 0, "compare @_") or diag($err);
	return $out =~ s/\n\n\S+ (?:diverges|parts|does the same).*//sr;
}

sub arms { return map { ('-V', $_) } @_ }

# Figures of a table of rows: variant -> head -> number.
sub figures {
	my %at;
	for my $part (split(/\n\n/, $_[0])) {
		my ($first, $second, @lines) = split(/\n/, $part);
		my (undef, @top) = split(' ', $first);
		my @heads = $second =~ /(\S+(?: \(s\))?)/g;
		@top = $first =~ /(\S+(?: \S+)?)(?=  |$)/g;
		shift(@top);
		for my $line (grep { /^(?:vanilla|spb-)/ } @lines) {
			my ($variant, @cells) = split(' ', $line =~ s/(?<=\d),(?=\d)//gr);
			is(scalar(@cells), scalar(@heads), "$variant: a cell for each head");
			@{ $at{$variant} }{ map { "$top[$_] $heads[$_]" } 0 .. $#heads } = @cells;
		}
	}
	return \%at;
}

sub widest { return (sort { $b <=> $a } map { length } split(/\n/, $_[0]))[0] }

my $few = table(arms(@all[1 .. 4]));
like($few, qr/^0\/Normal +spb-v1-none +spb-v1-alloc +difference +/, 'four variants: a column each');
is(table(arms(@all[1 .. 4]), '--width', 1000), $few, 'also where there is room');
my $turned = table(arms(@all[1 .. 4]), '--width', 100);
cmp_ok(widest($turned), '<=', 100, 'a narrower terminal');
like($turned, qr/^spb-v1-none +\d/m, 'has a row each');
like(table('--width', 80), qr/difference/, 'two variants fit 80 columns');

# Without a terminal, many variants are turned for 80 columns; the figures are those of summary.csv.
my $out = tmp('out');
my $many = table(arms(@all), '--full', '-o', $out);
cmp_ok(widest($many), '<=', 80, 'seven variants');
unlike($many, qr/ $/m, 'no blanks at the end of a line');
my $at = figures($many);
my %heads = (
	'all SPBs' => 'spb_total', 'tainted end' => 'spb_tainted_end', 'stuck SPBs' => 'stuck_spbs',
	'SPBs untainted' => 'untaints', 'search PASS_3' => 'pass3', 'queued walk' => 'defrag_queued_fallthrough',
	'pages migrated' => 'pages_migrated', 'visits most' => 'visits_max', 'held by cooldown' => 'defrag_gated_cooldown',
);
my @rows = grep { $_->{zone} eq '0/Normal' } csv("$out/summary.csv");
is(join(' ', sort keys %$at), join(' ', sort @all), 'every variant is there');
is(scalar(keys %{ $at->{vanilla} }), 26, 'with every figure');
for my $row (@rows) {
	my $got = $at->{ $row->{variant} };
	is($got->{$_}, $row->{ $heads{$_} }, "$row->{variant}: $_") for sort keys %heads;
}
like(table(arms(@all), '--width', 1000), qr/difference/, 'on a wide terminal they are columns again');

# A name of any length leaves room for a figure.
my $long = 'spb-v2:defrag_cooldown_ms=1000,migrate_us_per_page=1';
$turned = table(arms('vanilla', $long), '--width', 40);
is(scalar(() = $turned =~ /^\Q$long\E +\d[\d,.]*$/mg), scalar(() = $turned =~ /^vanilla/mg), 'one in each part');

fails(2, qr/--width: 39 is out of range/, 'compare', '--width', '39');
fails(2, qr/unknown or ambiguous option --width/, 'replay', '--width', '80');
done_testing();

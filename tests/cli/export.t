#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Exports: the Perfetto trace is decoded by a few lines of our own and held against the CSV files;
# the gnuplot folder is held against them, and drawn where gnuplot is installed.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my $maker = ($ENV{SPB_BUILD} // "$root/build") . '/tests/tools/make_outcome';

# ---- protobuf: [field, value] of a message; value is a number or bytes

sub varint {
	my ($bytes, $at) = @_;
	my ($value, $shift) = (0, 0);
	while (1) {
		my $byte = ord(substr($$bytes, $$at++, 1));
		$value |= ($byte & 127) << $shift;
		$shift += 7;
		return $value unless $byte & 128;
	}
}

sub message {
	my ($bytes) = @_;
	my ($at, @fields) = (0);
	while ($at < length $bytes) {
		my $tag = varint(\$bytes, \$at);
		my $value = varint(\$bytes, \$at);
		if (($tag & 7) == 2) {
			die 'a length beyond the end' if $at + $value > length $bytes;
			my $text = substr($bytes, $at, $value);
			$at += $value;
			$value = $text;
		} elsif ($tag & 7) {
			die 'wire type ' . ($tag & 7);
		}
		push(@fields, [$tag >> 3, $value]);
	}
	return @fields;
}

# Last value of each field; numbers as in perfetto's protos.
sub fields { return map { $_->[0] => $_->[1] } message($_[0]) }

# Tracks by uuid, and events in the order of the file.
sub trace {
	my ($bytes) = @_;
	my (%track, @events, $packets);
	for my $packet (message($bytes)) {
		my ($field, $body) = @$packet;
		die "field $field of a trace" if $field != 1;
		my %p = fields($body);
		is($p{13}, 1, 'the first packet clears the state') unless $packets++;
		die 'no sequence id' unless $p{10};
		if (defined $p{60}) {
			my %t = fields($p{60});
			die "uuid $t{1} twice" if $track{$t{1}};
			$track{$t{1}} = { name => $t{2}, parent => $t{5}, counter => defined $t{8} };
			next;
		}
		my @all = message($p{11});
		my %e = map { $_->[0] => $_->[1] } @all;
		my %note = map { my %n = fields($_->[1]); $n{10} => $n{6} // $n{3} }
			grep { $_->[0] == 4 } @all;
		die 'an event without a track' unless $track{$e{11}};
		push(@events, { time => $p{8}, type => $e{9}, track => $e{11}, name => $e{23},
				category => $e{22}, counter => $e{30}, note => \%note });
	}
	for my $t (values %track) {
		$t->{group} = $track{$t->{parent}}{name} if $t->{parent};
	}
	return (\%track, \@events);
}

use constant { BEGIN_SLICE => 1, END_SLICE => 2, INSTANT => 3, COUNTER => 4 };

my $dir = tmp('saturation');
system('cp', '-r', "$root/examples/saturation/outcome", $dir) == 0 or die 'cp';
my ($exit, $out, $err) = run('export', '--perfetto', $dir);
is($exit, 0, 'export --perfetto') or diag($err);
like($err, qr{open \Q$dir\E/spbreplay\.pftrace in https://ui\.perfetto\.dev}, 'says where it is');
my $bytes = slurp("$dir/spbreplay.pftrace");
ok($bytes eq (run('export', '--perfetto', '-o', '-', $dir))[1], '-o - is the same');
my ($track, $events) = trace($bytes);

# Counters: a value where it changes.
my %column = ('clean SPBs' => 'spb_clean', 'tainted SPBs' => 'spb_tainted', 'empty SPBs' => 'spb_empty',
	      'free pages' => 'free_pages', 'free pages in tainted SPBs' => 'free_pages_tainted',
	      'free pageblocks' => 'nr_free_blocks', 'stuck SPBs' => 'stuck_spbs',
	      'pages migrated' => 'migrated_total');
my %got;
push(@{ $got{"$track->{$_->{track}}{group}: $track->{$_->{track}}{name}"} }, "$_->{time} $_->{counter}")
	for grep { $_->{type} == COUNTER } @$events;
my (%want, %last);
for my $row (csv("$dir/timeline.csv")) {
	for my $name (keys %column) {
		my $key = "$row->{variant} $row->{zone}: $name";
		my $value = $row->{$column{$name}};
		push(@{ $want{$key} }, "$row->{time_ns} $value")
			if !defined $last{$key} || $last{$key} != $value;
		$last{$key} = $value;
	}
}
is(scalar keys %want, 32, '8 counters of 4 variants');
is_deeply(\%got, \%want, 'counters are timeline.csv');

# Taints.
my @taints = map { "$track->{$_->{track}}{group} $_->{time} $_->{name} $_->{note}{comm} $_->{note}{pid} "
		   . "$_->{note}{cause} $_->{note}{order} $_->{note}{migratetype}" }
	grep { $_->{type} == INSTANT } @$events;
is_deeply(\@taints, [map { "$_->{variant} $_->{zone} $_->{time_ns} SPB $_->{spb} $_->{to} $_->{comm} "
			   . "$_->{pid} $_->{cause} $_->{order} $_->{migratetype}" }
		     csv("$dir/taint.csv")], 'instants are taint.csv');

# Passes and states are slices; each that begins ends, and they do not overlap on a track.
my (%open, @slices);
for my $e (@$events) {
	if ($e->{type} == BEGIN_SLICE) {
		die 'slices overlap' if $open{$e->{track}};
		$open{$e->{track}} = $e;
	} elsif ($e->{type} == END_SLICE) {
		my $begin = delete $open{$e->{track}} // die 'an end without a begin';
		push(@slices, { %$begin, end => $e->{time} });
	}
}
is(scalar keys %open, 0, 'every slice ends');
my @passes = map { "$track->{$_->{track}}{group} $_->{time} $_->{end} $_->{name} $_->{note}{trigger} "
		   . "$_->{note}{pages_migrated} $_->{note}{progress}" }
	grep { $_->{category} eq 'defrag' } @slices;
is_deeply(\@passes, [map { "$_->{variant} $_->{zone} $_->{start_ns} $_->{end_ns} defrag SPB $_->{spb} "
			   . "$_->{trigger} $_->{pages_migrated} $_->{progress}" }
		     csv("$dir/defrag.csv")], 'slices of the worker are defrag.csv');

# States: at each sample the slice over it has the name that spbmap.csv says.
my %state;
push(@{ $state{"$track->{$_->{track}}{group} $track->{$_->{track}}{name}"} }, $_)
	for grep { $_->{category} eq 'spb' } @slices;
my $wrong = 0;
my $seen = 0;
for my $row (csv("$dir/spbmap.csv")) {
	my $list = $state{"$row->{variant} $row->{zone} SPB $row->{spb}"} // next;
	my ($slice) = reverse grep { $_->{time} <= $row->{time_ns} } @$list;
	$wrong++ if $slice->{name} ne ($row->{stuck} ? 'stuck' : $row->{category});
	$seen++;
}
is($wrong, 0, 'states are spbmap.csv');
cmp_ok($seen, '>', 100, 'and there are some');
is_deeply([map { $_->{name} } @{ $state{'spb-v1-hotpath 0/Normal SPB 0'} }],
	  [qw(clean tainted stuck tainted)], 'the life of superpageblock 0 under the patch');

# ---- gnuplot

($exit, $out, $err) = run('export', '--gnuplot', $dir);
is($exit, 0, 'export --gnuplot') or diag($err);
is(listing("$dir/gnuplot"), 'map.dat plot.gp timeline.dat', 'data and a script');
my @blocks = split(/\n\n\n/, slurp("$dir/gnuplot/timeline.dat"));
is(scalar @blocks, 4, 'a block for each variant');
my @rows = map { [split] } grep { !/^#/ } split(/\n/, $blocks[3]);
my @hotpath = grep { $_->{variant} eq 'spb-v1-hotpath' } csv("$dir/timeline.csv");
is_deeply([map { [@$_[1 .. 5]] } @rows],
	  [map { [@$_{qw(spb_tainted stuck_spbs spb_empty nr_free_blocks migrated_total)}] } @hotpath],
	  'its rows are timeline.csv');
my @map = grep { !/^#/ } split(/\n/, (split(/\n\n\n/, slurp("$dir/gnuplot/map.dat")))[0]);
is(scalar @map, 12, 'a row for each superpageblock');
is($map[0] =~ tr/ //dr, '1' x 7 . '2' x 16 . '3' x 27, 'superpageblock 0: clean, tainted, stuck');
my $folder = tmp('figures/of/mine');
is((run('export', '-q', '--gnuplot', '-o', $folder, $dir))[2], '', '-q, -o FOLDER');
ok(slurp("$folder/plot.gp") eq slurp("$dir/gnuplot/plot.gp"), 'the same there');
unlink("$folder/$_") for qw(timeline.dat map.dat plot.gp);
mkdir("$folder/plot.gp");
fails(4, qr{mine/plot\.gp: is no file that could be replaced}, 'export', '--gnuplot', '-o', $folder, $dir);
is(listing($folder), 'plot.gp', 'all of its files or none');

my $gnuplot = system('command -v gnuplot >/dev/null 2>&1') == 0;
sub draws {
	my ($where, $maps) = @_;
	my ($e, undef, $said) = sh("cd '$where' && gnuplot plot.gp");
	is($e, 0, 'gnuplot draws it');
	is($said, '', 'without a word');
	for my $name (qw(tainted stuck empty free-blocks migrated), map { "map-$_" } 1 .. $maps) {
		like(slurp("$where/$name.svg") // '', qr{</svg>\s*\z}, "$name.svg");
	}
}
SKIP: {
	skip('gnuplot is not installed: the script is not run', 1) unless $gnuplot;
	draws("$dir/gnuplot", 4);
}

# ---- names

SKIP: {
	skip('make_outcome is not built', 1) unless -x $maker;
	my $evil = tmp('evil');
	system($maker, $evil, 20, 10, 3) == 0 or die $maker;
	($exit, $out) = run('export', '--perfetto', '-o', '-', $evil);
	is($exit, 0, 'hostile names');
	my ($t, $e) = trace($out);
	ok(scalar(grep { $_->{name} eq q{</script><script>alert(1)</script>&'" 0/Normal} } values %$t),
	   'a variant by its name');
	is((grep { $_->{type} == INSTANT } @$e)[0]{note}{comm}, q{<script>"&'}, 'a comm as it is');
	is((run('export', '-q', '--gnuplot', $evil))[0], 0, 'gnuplot');
	like(slurp("$evil/gnuplot/plot.gp"), qr{title '</script><script>alert\(1\)</script>&''"'},
	     'the quote is doubled');
	skip('gnuplot is not installed', 1) unless $gnuplot;
	draws("$evil/gnuplot", 2);
}

# ---- what goes wrong

fails(2, qr/no format - give --perfetto or --gnuplot/, 'export', $dir);
fails(2, qr/two formats/, 'export', '--perfetto', '--gnuplot', $dir);
fails(2, qr/a folder, not standard output/, 'export', '--gnuplot', '-o', '-', $dir);
fails(4, qr/cannot read/, 'export', '--perfetto', tmp('no-such'));
fails(4, qr/Not a directory/, 'export', '--gnuplot', '-o', "$dir/summary.csv", $dir);
SKIP: {
	skip('no /dev/full here', 2) unless -c '/dev/full';
	my ($e, undef, $said) = sh("\"\$T\" export --perfetto -o - '$dir' >/dev/full");
	is($e, 4, 'full stdout');
	one_line($said, 'one line');
}

done_testing();

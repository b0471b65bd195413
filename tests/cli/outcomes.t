#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The files agree with each other as docs/outcomes.md says, with schema.json, and with other tools.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use List::Util qw(sum0 max);
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my $doc = slurp("$root/docs/outcomes.md");

# The formulas that the document marks with a dagger: metric => what it must be for one zone. The
# argument has the rows of each file for one variant and zone.
sub total { my ($rows, $column, $if) = @_; return sum0(map { $_->{$column} } grep { $if->($_) } @$rows) }
sub rows { my ($rows, $if) = @_; return scalar(grep { $if->($_) } @$rows) }
sub served { my ($outcome) = @_; return sub { total($_[0]{passes}, 'count', sub { $_[0]{outcome} eq $outcome }) } }
sub queued { my ($trigger) = @_; return sub { total($_[0]{chances}, 'count',
	sub { $_[0]{trigger} eq $trigger && $_[0]{verdict} eq 'queued' }) } }
sub later { my ($to) = @_; return sub { rows($_[0]{taint}, sub { $_[0]{to} eq $to && $_[0]{cause} ne 'initial' }) } }
my $all = sub { 1 };
my %formula = (
	ops => sub { $_[0]{summary}[0]{allocs} + $_[0]{summary}[0]{frees} },
	allocs => sub { total($_[0]{passes}, 'count', $all) },
	failed_allocs => served('NO_PAGE'),
	spb_total => sub { rows($_[0]{spb}, $all) },
	spb_tainted_start => sub { my $s = $_[0]{summary}[0]; $s->{spb_tainted_end} - $s->{fresh_taints} + $s->{untaints} },
	spb_tainted_end => sub { rows($_[0]{spb}, sub { $_[0]{category} eq 'tainted' }) },
	spb_clean_end => sub { rows($_[0]{spb}, sub { $_[0]{category} eq 'clean' && $_[0]{fullness} ne 'empty' }) },
	spb_empty_end => sub { rows($_[0]{spb}, sub { $_[0]{fullness} eq 'empty' }) },
	fresh_taints => later('tainted'),
	untaints => later('clean'),
	fallback_claims => served('CLAIM'),
	steals => served('STEAL'),
	pass3 => served('PASS_3'),
	defrag_queued_update => queued('update'),
	defrag_queued_alloc => queued('alloc'),
	defrag_queued_fallthrough => queued('fallthrough'),
	defrag_gated_cooldown => sub { total($_[0]{chances}, 'count', sub { $_[0]{verdict} eq 'cooldown' }) },
	defrag_passes => sub { rows($_[0]{defrag}, sub { $_[0]{state} eq 'ended' }) },
	defrag_no_progress => sub { rows($_[0]{defrag}, sub { $_[0]{progress} eq '0' }) },
	pages_migrated => sub { total($_[0]{defrag}, 'pages_migrated', sub { $_[0]{state} ne 'queued' }) },
	stuck_spbs => sub { rows($_[0]{spb}, sub { $_[0]{stuck_ns} > 0 }) },
	stuck_ns_total => sub { total($_[0]{spb}, 'stuck_ns', $all) },
	visits_max => sub { max(0, map { $_->{visits_max} } @{ $_[0]{passes} }) },
);

my %explained = $doc =~ /^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$/mg;
my ($head) = split(/\n/, slurp("$root/examples/saturation/outcome/summary.csv"));
my @metrics = grep { !/^(variant|zone)$/ } split(/,/, $head);
is(join(' ', sort keys %explained), join(' ', sort @metrics), 'docs/outcomes.md explains every metric and no other');
is(join(' ', sort grep { $explained{$_} =~ /†|\xe2\x80\xa0/ } keys %explained), join(' ', sort keys %formula),
	'the formulas marked there are those tested here');

sub check_folder {
	my ($dir, $name) = @_;
	my %file = map { $_ => [csv("$dir/$_.csv")] } qw(summary spb taint defrag chances passes);
	my $cells = 0;
	for my $row (@{ $file{summary} }) {
		my %part = map { my $f = $_; ($f => [grep { $_->{variant} eq $row->{variant} &&
			$_->{zone} eq $row->{zone} } @{ $file{$f} }]) } keys %file;
		my @wrong = grep { $formula{$_}->(\%part) != $row->{$_} } sort keys %formula;
		is("@wrong", '', "$name: $row->{variant} $row->{zone}: all formulas hold");
		$cells++;
	}
	cmp_ok($cells, '>', 0, "$name: rows");
}
check_folder("$root/examples/$_/outcome", $_) for qw(saturation host);
my $own = '{ "name": "busy", "base": "spb-v1-hotpath", "defrag_cooldown_ms": 1, "update_list_mode": "always" }';
is((run('replay', '-q', '-i', "$root/examples/saturation/trace.dat", '-s', "$root/examples/saturation/before.snap",
	'-V', spit(tmp('busy.json'), $own), '-o', tmp('busy')))[0], 0, 'a busy variant');
check_folder(tmp('busy'), 'busy');
cmp_ok(scalar(() = csv(tmp('busy/defrag.csv'))), '>', 2, 'it is busy');

# chances.csv is compressed: no two neighbours of one SPB and trigger say the same.
{
	my (%last, @same, $calls);
	my $nr = 0;
	for my $c (csv("$root/examples/saturation/outcome/chances.csv")) {
		my $key = "$c->{variant} $c->{zone} $c->{spb} $c->{trigger}";
		my $end = $c->{cooldown_left_ns} ? $c->{first_ns} + $c->{cooldown_left_ns} : '';
		push(@same, $key) if ($last{$key} // '') eq "$c->{verdict} $end" && $c->{verdict} ne 'queued';
		$last{$key} = "$c->{verdict} $end";
		$calls += $c->{count};
		$nr++;
		delete $last{"$c->{variant} $c->{zone} $c->{spb} $_"} for $c->{verdict} eq 'queued' ? qw(update alloc fallthrough) : ();
	}
	is("@same", '', 'chances.csv: rows are changes');
	cmp_ok($calls, '>', 100 * $nr, 'and stand for many calls');
}

# schema.json is help metrics --json, and describes exactly what the headers say.
my ($exit, $out) = run('help', 'metrics', '--json');
is($exit, 0, 'help metrics --json');
is($out, slurp("$root/examples/saturation/outcome/schema.json"), 'schema.json is the same');
my $schema = decode_json($out);
my $dir = "$root/examples/saturation/outcome";
is(join(' ', sort map { $_->{file} } @{ $schema->{files} }), join(' ', grep { /csv$/ } split(/ /, listing($dir))),
	'it has every file');
my %shape = (uint64 => qr/^\d+$/, int64 => qr/^-?\d+$/, decimal => qr/^-?\d+\.\d{3}$/, hex => qr/^(0x[0-9a-f]+)?$/,
	number => qr/^(-?\d+(\.\d{3})?)?$/, text => qr/^/);
for my $f (@{ $schema->{files} }) {
	my ($line) = split(/\n/, slurp("$dir/$f->{file}"));
	is(join(',', map { $_->{name} } @{ $f->{columns} }), $line, "$f->{file}: columns");
	is(scalar(grep { !length $_->{meaning} } @{ $f->{columns} }), 0, "$f->{file}: every column has a meaning");
	my @rows = csv("$dir/$f->{file}");
	my @wrong = grep { my $c = $_; grep { $_->{$c->{name}} !~ $shape{$c->{type}} } @rows } @{ $f->{columns} };
	is(join(' ', map { $_->{name} } @wrong), '', "$f->{file}: cells have the types it says");
}

# The sqlite3 example of the document, run as it stands there.
SKIP: {
	skip('sqlite3 is not installed', 2) if system('command -v sqlite3 >/dev/null 2>&1');
	my ($script, $want) = $doc =~ /```sh\n(sqlite3.*?)```\n\n```\n(.*?)```/s;
	ok($script, 'there is an example');
	is(scalar(qx(cd '$dir' && $script)), $want, 'sqlite3 prints what the document says');
}

# What the other two print, by hand.
my (%max, %met);
for my $row (csv("$dir/timeline.csv")) {
	for my $column (qw(spb_tainted stuck_spbs migrated_total)) {
		my $at = \$max{$row->{variant}}{$column};
		$$at = $row->{$column} if !defined $$at || $row->{$column} > $$at;
	}
}
like($doc, qr/^\Q$_\E +$max{$_}{spb_tainted} +$max{$_}{stuck_spbs} +$max{$_}{migrated_total}$/m, "pandas: $_")
	for sort keys %max;
for my $row (csv("$dir/chances.csv")) {
	$met{"$row->{trigger} $row->{verdict}"} += $row->{count}
		if $row->{variant} eq 'spb-v1-hotpath' && $row->{spb} == 0;
}
my ($duck) = $doc =~ /```sql.*?```\n\n```\n(.*?)```/s;
is($duck, join('', map { "spb-v1-hotpath $_ $met{$_}\n" } sort keys %met), 'DuckDB');

# taint.csv says who: a task makes an SPB tainted; the timer that drains its pages is neither task nor worker.
{
	my $line = sub { sprintf(" sh-7 [000] d..1. %.6f: mm_page_%s page=1 pfn=0x%x order=%d%s\n", @_) };
	my @blocks = map { 0x100000 + 512 * $_ } 0 .. 3;
	spit(tmp('timer.txt'), join('',
		(map { $line->(100, 'alloc:', $_, 9, ' migratetype=0 gfp_flags=GFP_KERNEL|__GFP_NOFAIL') } @blocks),
		(map { $line->(101, 'free:', $_, 9, '') } @blocks),
		$line->(160, 'alloc:', 0x140000, 0, ' migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE')));
	mkdir(tmp('before'));
	spit(tmp('before') . '/zoneinfo', "Node 0, zone   Normal\n        spanned  1048576\n  start_pfn:           1048576\n");
	is((run('replay', '-q', '-i', tmp('timer.txt'), '-s', tmp('before'), '-l', 'page', '-o', tmp('timer'),
		'-V', 'spb-v2:pcp_high_min=63,pcp_high_max=8000'))[0], 0, 'pages that the timer drains');
	is(join(' ', map { "$_->{to}:$_->{cpu}:$_->{pid}:$_->{comm}" } csv(tmp('timer') . '/taint.csv')),
		'tainted:0:7:sh clean::0:', 'who made an SPB tainted and clean');
}

# --json of the tables: the same numbers as the files.
my @input = ('-q', '-i', "$root/examples/saturation/trace.dat", '-s', "$root/examples/saturation/before.snap");
($exit, $out) = run('compare', @input, '--json');
is($exit, 0, 'compare --json');
my $json = decode_json($out);
is(scalar @{ $json->{summary} }, 2, 'two variants');
my ($none) = grep { $_->{variant} eq 'spb-v1-none' } csv("$dir/summary.csv");
is("$json->{summary}[0]{$_}", $none->{$_}, "compare --json: $_") for qw(ops spb_tainted_end stuck_ns_total visits_max);
is($json->{differences}[0]{tainted_on_one_side}[0]{taint}{comm}, 'dentry-load', 'and the cause');
($exit, $out) = run('replay', @input, '-V', 'spb-v1-none', '--json');
$json = decode_json($out);
is("$exit " . scalar(@{ $json->{summary} }) . " $json->{summary}[0]{ops}", "0 1 $none->{ops}", 'replay --json');
($exit, $out) = run('variants', '--json');
is(join(' ', map { $_->{name} } @{ decode_json($out) }), join(' ', (run('variants'))[1] =~ /^(\S+)/mg), 'variants --json');
($exit, $out) = run('variants', '-v', '--json', 'spb-v1-hotpath');
my ($knob) = grep { $_->{knob} eq 'trigger_alloc' } @{ decode_json($out) };
is("$knob->{value} $knob->{default}", 'true false', 'variants -v --json');

# Progress: on a terminal only, with the time left; a pseudo-terminal comes from script(1).
SKIP: {
	skip('script is not installed', 3) if system('command -v script >/dev/null 2>&1');
	my $long = "compare -i '$root/examples/host/trace.dat' -s '$root/examples/host/before' --check-every 400";
	my $tool = $ENV{SPBREPLAY} // "$root/spbreplay";
	my $screen = qx(script -qec "'$tool' $long" /dev/null </dev/null);
	like($screen, qr/\rreplaying: +\d+ %, \d+ s left/, 'a terminal sees progress with the time left');
	$screen = qx(script -qec "'$tool' $long -q" /dev/null </dev/null);
	unlike($screen, qr/\rreplaying/, '-q: not even there');
	my (undef, undef, $err) = sh("\"\$T\" $long");
	unlike($err, qr/replaying|\r/, 'a pipe sees none');
}

done_testing();

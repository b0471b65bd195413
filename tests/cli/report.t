#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The report: every number in it is in a CSV file, every name stays text, it is small, needs no
# network, and works in a browser.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use MIME::Base64;
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my $maker = ($ENV{SPB_BUILD} // "$root/build") . '/tests/tools/make_outcome';

# A folder of our own with the outcome of an example.
sub outcome {
	my ($name) = @_;
	my $dir = tmp("outcome-$name");
	system('cp', '-r', "$root/examples/$name/outcome", $dir) == 0 or die 'cp' unless -d $dir;
	return $dir;
}

sub page_of {
	my ($dir) = @_;
	my ($exit, $out, $err) = run('report', '-o', '-', $dir);
	is($exit, 0, 'report') or diag($err);
	is($err, '', 'no note when the page goes to standard output');
	return $out;
}

sub text {
	my ($html) = @_;
	$html =~ s/<[^>]*>//g;
	my %entity = (amp => '&', lt => '<', gt => '>', quot => '"', '#39' => "'");
	$html =~ s/&(amp|lt|gt|quot|#39);/$entity{$1}/g;
	return $html;
}

# The JSON block, which must be all there is between its tags.
sub data_of {
	my ($page) = @_;
	my ($json) = $page =~ m{<script type="application/json" id="data">\n(.*?)</script>}s;
	my $data = eval { decode_json($json // '') };
	ok($data, 'data is JSON') or diag($@);
	return $data;
}

sub varints {
	my ($base64) = @_;
	my @values;
	my ($value, $shift) = (0, 0);
	for my $byte (unpack('C*', decode_base64($base64))) {
		$value |= ($byte & 127) << $shift;
		$shift += 7;
		next if $byte & 128;
		push(@values, $value);
		($value, $shift) = (0, 0);
	}
	return @values;
}

sub unzigzag { return $_[0] & 1 ? -(($_[0] + 1) >> 1) : $_[0] >> 1 }

sub column {
	my $sum = 0;
	return map { $sum += unzigzag($_) } varints($_[0]);
}

# ---- where it goes

my $dir = outcome('saturation');
my $before = listing($dir);
my ($exit, $out, $err) = run('report', $dir);
is($exit, 0, 'report FOLDER') or diag($err);
is($out, '', 'nothing on stdout');
like($err, qr{^report: \Q$dir\E/report.html$}, 'says where the page is');
is(listing($dir), join(' ', sort(split(/ /, $before), 'report.html')), 'one new file, nothing else');
my $page = page_of($dir);
ok($page eq slurp("$dir/report.html"), '-o - is the same page');
is((run('report', '-q', '-o', tmp('other.html'), $dir))[2], '', '-q: no note');
ok($page eq slurp(tmp('other.html')), '-o FILE is the same page');

# ---- results that come anew under an old page

my $again = tmp('again');
my @compare = ('compare', '-q', '-o', $again, '-V', 'vanilla', '-V', 'spb-v1-none', '-i', scene());
unlike((run(@compare))[2], qr/before/, 'results, and nothing drawn of them yet');
is((run('report', '-q', $again))[0], 0, 'a page of them');
like((run(@compare))[2], qr{^spbreplay: warning: \Q$again\E/report\.html: shows the results that were here before - run 'spbreplay report \Q$again\E' again$}m, 'results made again name the old page');

# ---- every number is found in a CSV file

my %summary = map { $_->{variant} => $_ } csv("$dir/summary.csv");
my @variants = map { $_->{variant} } csv("$dir/summary.csv");
my ($figures) = $page =~ m{<h2>All figures</h2>(.*?)</section>}s;
my $checked = 0;
for my $name (qw(spb_total spb_tainted_end fresh_taints defrag_passes pages_migrated stuck_ns_total
		 stuck_ns_max visits_mean visits_max defrag_gated_cooldown ops shrink_queued)) {
	my ($row) = $figures =~ m{<tr><th scope="row">$name<small>(.*?)</tr>}s;
	my @cells = $row =~ m{<td>(.*?)</td>}g;
	my @want = map { $summary{$_}{$name} } @variants;
	my @raw = map { /<data value="([^"]*)">/ ? $1 : $_ } @cells;
	is_deeply(\@raw, \@want, "$name is what summary.csv says");
	for my $i (0 .. $#cells) {
		(my $shown = text($cells[$i])) =~ tr/,//d;
		my $value = $name =~ /_ns_/ ? sprintf('%.3f', int($want[$i] / 1e6) / 1000) : $want[$i];
		is($shown, $value, "$name of $variants[$i] is shown as that");
		$checked++;
	}
	my %delta = map { $_->{variant} => $_->{delta} }
		grep { $_->{metric} eq $name && $_->{zone} eq '0/Normal' } csv("$dir/diff.csv");
	my @delta = $row =~ m{<td class="delta[^"]*">(.*?)</td>}g;
	is_deeply([map { /value="([^"]*)"/ ? $1 : $_ } @delta],
		  [map { $delta{$_} =~ /^0(\.000)?$/ ? '=' : $delta{$_} } @variants[1 .. $#variants]],
		  "$name: differences of diff.csv");
}
cmp_ok($checked, '>=', 10, 'ten numbers and more');

# Tables of rows: all cells, in order.
sub rows_of {
	my ($caption) = @_;
	my ($table) = $page =~ m{<caption>\Q$caption\E</caption>.*?<tbody>(.*?)</tbody>}s;
	return map { [map { /<data value="([^"]*)">/ ? $1 : text($_) } m{<td[^>]*>(.*?)</td>}g] }
		split(/\n/, $table =~ s/^\n//r);
}
for my $case (['taint.csv', qw(variant zone time_ns spb from to cause order migratetype cpu pid comm gfp)],
	      ['divergence.csv', qw(variant zone time_ns event_index kind spb order migratetype pid comm
				    baseline_did variant_did)],
	      ['defrag.csv', qw(variant zone time_ns spb trigger start_ns end_ns nr_free_before
				nr_free_after pages_migrated pages_failed progress state)]) {
	my ($file, @columns) = @$case;
	is_deeply([rows_of($file)], [map { [@$_{@columns}] } csv("$dir/$file")], "$file, cell by cell");
}

# What the charts draw.
sub check_charts {
	my ($name) = @_;
	my $from = outcome($name);
	my $d = data_of(page_of($from));
	my %column = (tainted => 'spb_tainted', empty => 'spb_empty', clean => 'spb_clean',
		      blocks => 'nr_free_blocks', stuck => 'stuck_spbs', migrated => 'migrated_total');
	my (%timeline, %map);
	push(@{ $timeline{"$_->{variant} $_->{zone}"} }, $_) for csv("$from/timeline.csv");
	push(@{ $map{"$_->{variant} $_->{zone}"} }, $_) for csv("$from/spbmap.csv");
	my @times = map { $d->{t0} + $_ } column($d->{times});
	is($d->{step}, 1, "$name: all samples");
	for my $v (0 .. $#{ $d->{variants} }) {
		for my $z (0 .. $#{ $d->{zones} }) {
			my $arm = "$d->{variants}[$v] $d->{zones}[$z]{name}";
			my @rows = @{ $timeline{$arm} };
			is_deeply(\@times, [map { $_->{time_ns} } @rows], "$arm: times");
			for my $series (sort keys %column) {
				is_deeply([column($d->{series}{$series}[$v][$z])],
					  [map { $_->{$column{$series}} } @rows], "$arm: $series");
			}
			is_deeply(map_rows($d, $v, $z, \@times),
				  [map { "$_->{time_ns} $_->{spb} $_->{category} $_->{free_blocks} $_->{stuck}" }
				   @{ $map{$arm} }], "$arm: spbmap.csv, row by row");
		}
	}
}

# The map of one arm as rows of spbmap.csv.
sub map_rows {
	my ($d, $v, $z, $times) = @_;
	my @code = varints($d->{map}[$v][$z]);
	my @base = $v ? varints($d->{map}[0][$z]) : ();
	my @rows;
	for my $spb (0 .. $d->{zones}[$z]{spbs} - 1) {
		my $nr = shift(@code);
		my @own = splice(@code, 0, 2 * $nr);
		if (@base) {
			my @other = splice(@base, 0, 2 * shift(@base));
			@own = @other unless $nr;
		}
		my ($at, $free) = (0, 0);
		while (my ($skip, $change) = splice(@own, 0, 2)) {
			$at += $skip;
			$free += unzigzag(int($change / 6));
			push(@rows, [$times->[$at], $spb, (qw(empty clean tainted))[$change % 3], $free,
				     int($change % 6 / 3)]);
		}
	}
	return [map { join(' ', @$_) } sort { $a->[0] <=> $b->[0] || $a->[1] <=> $b->[1] } @rows];
}
check_charts('saturation');
check_charts('host');

# ---- nothing from outside

for my $what (qr{\bsrc\s*=}, qr{\bhref\s*=}, qr{url\(}, qr{\@import}, qr{\bfetch\(}, qr{XMLHttpRequest}) {
	unlike($page, $what, "no $what");
}
(my $without = $page) =~ s{http://www\.w3\.org/2000/svg}{}g;
unlike($without, qr{https?://}, 'no address but the name of SVG');
like($page, qr{Content-Security-Policy" content="default-src 'none'}, 'and a browser would refuse');

# ---- names stay text; size

SKIP: {
	skip('make_outcome is not built', 1) unless -x $maker;
	my $evil = tmp('evil');
	system($maker, $evil, 40, 30, 3) == 0 or die $maker;
	my $p = page_of($evil);
	is(scalar(() = $p =~ /<script/g), 2, 'two scripts: the data and ours');
	is(scalar(() = $p =~ /<\/script/g), 2, 'and their ends');
	unlike($p, qr/<(?:img|b>a|i>b)/, 'no tag of a name');
	like($p, qr/&lt;script&gt;&quot;&amp;&#39;/, 'the comm is there, escaped');
	my $d = data_of($p);
	is($d->{variants}[1], q{</script><script>alert(1)</script>&'"}, 'a name in the data');
	is($d->{taint}[0][9], q{<script>"&'}, 'a comm in the data');
	is($d->{taint}[-1][0], 1, 'events of every variant');

	for my $changes (20, 1024) {
		my $big = tmp("big-$changes");
		my ($spbs, $samples) = (1024, $changes > 100 ? 400 : 2000);
		system($maker, $big, $spbs, $samples, $changes) == 0 or die $maker;
		is((run('report', '-q', $big))[0], 0, "$spbs SPBs x $samples samples x 2, $changes change");
		cmp_ok(-s "$big/report.html", '<=', 1_000_000, 'at most 1 MB');
		my $data = data_of(slurp("$big/report.html"));
		my @t = column($data->{times});
		is($t[-1], ($samples - 1) * 5_000_000, 'to the last sample');
		is(scalar @t, $samples, 'all samples') if $data->{step} == 1;
		like(slurp("$big/report.html"), qr/show one sample in $data->{step},/, 'says what is left out')
			if $data->{step} > 1;
		system('rm', '-rf', $big) if $changes > 100;
	}
}

# ---- on a terminal

my ($tx, $te);
($exit, $tx, $te) = run('report', '--text', $dir);
is($exit, 0, '--text');
is($te, '', 'no notes');
unlike($tx, qr/\e/, 'no escapes in a pipe');
my @too_wide = grep { length > 80 } split(/\n/, $tx);
is(scalar @too_wide, 0, 'fits into 80 columns');
my %letter = (empty => '.', clean => 'o', tainted => 'T');
my @cells;
for my $row (grep { $_->{variant} eq 'spb-v1-none' } csv("$dir/spbmap.csv")) {
	my $i = 0;
	$i++ until (csv_time($i) == $row->{time_ns});
	$cells[$row->{spb}] = [] unless $cells[$row->{spb}];
	$cells[$row->{spb}][$_] = $row->{stuck} ? '#' : $letter{$row->{category}} for $i .. 49;
}
my @timeline;
sub csv_time {
	@timeline = map { $_->{time_ns} } grep { $_->{variant} eq 'spb-v1-none' } csv("$dir/timeline.csv")
		unless @timeline;
	return $timeline[$_[0]];
}
my ($first) = $tx =~ /^spb-v1-none, 0\/Normal\n(.*?)\n +\+0 s/ms;
is($first, join("\n", map { sprintf('%11d ', $_) . join('', @{ $cells[$_] }) } 0 .. $#cells),
	'the map of the first variant, letter by letter');
like($tx, qr/spb-v1-hotpath against spb-v1-none, 0\/Normal\n +0 \.{40,}-+\n/, 'the difference');
($exit, $tx) = run('report', '--text', '--color', 'always', $dir);
like($tx, qr/\e\[33mT+\e\[0m/, '--color always');
(my $plain = $tx) =~ s/\e\[[0-9;]*m//g;
is($plain, (run('report', '--text', '--color', 'never', $dir))[1], 'the same letters');
($exit, $tx) = run('report', '--text', '--width', '50', $dir);
is(scalar(grep { length > 50 && !/o clean|~ in use/ } split(/\n/, $tx)), 0, '--width 50');

($exit, $tx) = run('report', '--text', '--json', '--width', '50', $dir);
my $maps = decode_json($tx)->{maps};
is_deeply([map { "$_->{variant} " . ($_->{against} // '-') . ' ' . scalar(@{ $_->{rows} }) } @$maps],
	  [map({ "$_ - 12" } qw(spb-v1-none spb-v1-alloc spb-v1-fallthrough spb-v1-hotpath)),
	   map({ "$_ spb-v1-none 12" } qw(spb-v1-alloc spb-v1-fallthrough spb-v1-hotpath))], '--text --json: the same maps');
my ($text) = (run('report', '--text', '--width', '50', '--color', 'never', $dir))[1] =~ /^spb-v1-none, 0\/Normal\n((?: +\d+ \S+\n)+)/m;
is(join('', map { sprintf("%11d %s\n", $_->{first_spb}, $_->{cells}) } @{ $maps->[0]{rows} }), $text, 'cell by cell');
fails(2, qr/--json is for --text/, 'report', '--json', $dir);
fails(2, qr/-o is for the page/, 'report', '--text', @$_, '-o', tmp('text.txt'), $dir) for [], ['--json'];
fails(2, qr/-o is for the page/, 'report', '--text', '-o', '-', $dir);

# ---- fidelity, where `check` left its figures in the folder

like($page, qr/Fidelity is not known: check -o with this folder measures it/, 'nobody checked');
my $measured = tmp('checked');
system('cp', '-r', $dir, $measured) == 0 or die 'cp';
run('check', '-q', '-i', "$root/examples/saturation/trace.dat", '-s', "$root/examples/saturation/before.snap",
    '-V', 'spb-v1-none:hints=0', '-o', $measured);
my $fidelity = text((page_of($measured) =~ /(Fidelity: .*?)<\/table>/s)[0] =~ s{</td>}{ }gr);
my %fact = map { ("$_->{side} $_->{figure} $_->{key}" => $_->{value}) } csv("$measured/check.csv");
for my $event (qw(mm_page_alloc_zone_locked spb_pb_taint spb_alloc_walk)) {
	my $want = join(' ', map { $fact{"$_ $event"} } 'open events_recorded', 'open events_model',
		'open events_agree', 'follow events_model', 'follow events_agree');
	my ($row) = $fidelity =~ /$event ([\d, ]+)/;
	is(($row // '') =~ s/,|\s+\z//gr, $want, "fidelity: $event as in check.csv");
}
my $other = slurp("$measured/check.csv");
$other =~ s/(,capture_bytes,)[0-9a-f]{16},/${1}0123456789abcdef,/ or fail('check.csv names its capture');
for my $of ($other, $other =~ s/^.*,capture_bytes,.*\n//mr) {
	spit("$measured/check.csv", $of);
	my $shown = page_of($measured);
	like($shown, qr/<p class="warning">Fidelity is not known: check\.csv is of another capture/, 'another capture');
	unlike($shown, qr/Fidelity: the model/, 'its figures are not shown');
}
spit("$measured/check.csv", "variant,zone\n<b>,\n");
like(page_of($measured), qr{<p class="warning">[^<]*check.csv: column 3 is nothing, not side},
     'a damaged check.csv is said, and the rest is shown');

# ---- what goes wrong

fails(2, qr/report: an argument is missing/, 'report');
fails(2, qr/--color: unknown word 'maybe'/, 'report', '--text', '--color', 'maybe', $dir);
fails(4, qr{no-such/summary.csv: cannot read}, 'report', tmp('no-such'));
fails(4, qr/Not a directory/, 'report', '-o', tmp('other.html/x'), $dir);
sub damaged {
	my ($file, $change, $match) = @_;
	my $bad = tmp('bad');
	system('rm', '-rf', $bad);
	system('cp', '-r', "$root/examples/saturation/outcome", $bad) == 0 or die 'cp';
	my $bytes = slurp("$bad/$file");
	$change->($bytes) for $bytes;
	spit("$bad/$file", $bytes);
	my $list = listing($bad);
	fails(3, qr{\Q$file\E: $match}, 'report', $bad);
	is(listing($bad), $list, 'nothing is left behind');
}
damaged('summary.csv', sub { $_[0] = '' }, qr/is empty/);
damaged('taint.csv', sub { $_[0] =~ s/\n\z// }, qr/is cut off/);
damaged('taint.csv', sub { $_[0] =~ s/net-slab/"net-slab/ }, qr/a quote is not closed|quote/);
damaged('defrag.csv', sub { $_[0] =~ s/,16416,0,/,lots,0,/ }, qr/pages_failed is 'lots', not a number \(line 2\)/);
damaged('diff.csv', sub { $_[0] =~ s/^(spb-v1-alloc.*)$/$1,1/m }, qr/has \d+ cells where the header has \d+ \(line 2\)/);
damaged('spbmap.csv', sub { $_[0] =~ s/,empty,/,vacant,/ }, qr/an unknown category \(line \d+\)/);
damaged('spbmap.csv', sub { $_[0] =~ s/^(\S+?,\S+?,\d+),11,/$1,12,/m }, qr/more than the zone has \(line \d+\)/);
damaged('timeline.csv', sub { $_[0] =~ s/\A(.*\n)(.*\n)(.*\n)/$1$3$2/ }, qr/time does not grow \(line 3\)/);
damaged('visits.csv', sub { $_[0] =~ s/outcome/result/ }, qr/column 3 is result, not outcome/);
damaged('run.json', sub { $_[0] = '[]' }, qr/not a JSON object/);

# A table that run.json does not vouch for is refused by all that read folders.
{
	my $changed = tmp('changed');
	my $swapped = tmp('swapped');
	my $trusted = tmp('trusted');
	system('cp', '-r', "$root/examples/saturation/outcome", $_) == 0 or die 'cp'
		for $changed, $swapped, $trusted;
	like(page_of($changed), qr/<li>taint\.csv: xxh64 \w+, as the run wrote it/, 'hashes are shown');
	for my $table (qw(taint summary)) {
		my $bytes = slurp("$changed/$table.csv");
		$bytes =~ s/^(spb-v1-none,\S+?,)(\d)/${1}9$2/m or die $table;
		spit("$changed/$table.csv", $bytes);
		for my $command (['report', '--text'], ['report', '-q', '-o', tmp('no.html')],
				 ['export', '-q', '--perfetto', '-o', tmp('no.trace')], ['diff'],
				 ['explain', '--spb', '1']) {
			my ($exit, $out, $err) = run(@$command, $changed);
			is("$exit $out", '3 ', "@$command[0]: a cell of $table.csv changed");
			like($err, qr{\Aspbreplay: \S+/$table\.csv: xxh64 \w+, run\.json has \w+: changed},
			     'named');
		}
		spit("$changed/$table.csv", slurp("$trusted/$table.csv"));
	}
	# The page lists those, too, though it shows nothing of them.
	spit("$changed/spb.csv", slurp("$trusted/spb.csv") . "\n");
	fails(3, qr{changed/spb\.csv: xxh64 \w+, run\.json has \w+: changed}, 'report', '-o', tmp('no.html'), $changed);
	is((run('report', '--text', $changed))[0], 0, 'heat maps need it not');
	unlink("$changed/spb.csv");
	fails(4, qr{changed/spb\.csv: cannot read: No such file}, 'report', '-o', tmp('no.html'), $changed);
	spit("$changed/spb.csv", slurp("$trusted/spb.csv"));
	spit("$changed/run.json", slurp("$trusted/run.json") =~ s{"spb\.csv"}{"../spb.csv"}r);
	fails(3, qr{changed/run\.json: names a file of another folder}, 'report', '-o', tmp('no.html'), $changed);
	ok(!-e tmp('no.html') && !-e tmp('no.trace'), 'nothing is written');
	spit("$swapped/run.json", slurp("$swapped/run.json") =~ s/"files"/"fichiers"/r);
	spit("$swapped/taint.csv", slurp("$swapped/taint.csv") =~ s/net-slab/net-slob/r);
	like(page_of($swapped), qr/net-slob/, 'a run.json without hashes is taken as it is');
}

# One variant alone.
{
	my $one = tmp('one');
	($exit, undef, $err) = run('replay', '-q', '-i', "$root/examples/saturation/trace.dat",
				   '-V', 'spb-v1-none', '-o', $one);
	is($exit, 0, 'replay') or diag($err);
	my $p = page_of($one);
	like($p, qr{<h1>spb-v1-none</h1>}, 'replay has a report, too');
	unlike($p, qr/data-kind="difference"/, 'without differences');
	unlike((run('report', '--text', $one))[1], qr/against/, 'as text, too');
}

# ---- in a browser

my ($browser) = grep { -x } map { ("$_/chromium", "$_/chromium-browser", "$_/google-chrome") }
	split(/:/, $ENV{PATH});

# Run the page with the self-test behind it: what it saw, and what the browser said.
sub browse {
	my ($page) = @_;
	my $watch = '<script>window.errors = []; addEventListener("error", (e) => errors.push(e.message));'
		. 'window.alert = () => errors.push("alert");</script>';
	my $test = slurp("$FindBin::Bin/report_selftest.js");
	$page =~ s{<head>}{<head>$watch};
	$page =~ s{</body>\s*</html>\s*\z}{<script>$test</script></body></html>};
	my $file = spit(tmp('browse.html'), $page);
	my ($e, $dom, $log) = sh("timeout 60 '$browser' --headless=new --no-sandbox --disable-gpu "
		. '--disable-dev-shm-usage --enable-logging=stderr --v=0 --window-size=1200,900 '
		. "--user-data-dir='" . tmp('browser') . "' --dump-dom 'file://$file'");
	is($e, 0, 'the browser ran');
	my ($json) = $dom =~ m{<pre id="selftest">(.*?)</pre>}s;
	my $seen = eval { decode_json(text($json // '')) };
	ok($seen, 'the self-test ran to its end') or diag($log);
	my @said = grep { /CONSOLE/ } split(/\n/, $log);
	is(scalar @said, 0, 'nothing on the console') or diag(@said);
	return $seen // {};
}

SKIP: {
	skip('chromium is not installed: hover and zoom are not tested', 1) unless $browser;
	my $seen = browse($page);
	is_deeply($seen->{errors}, [], 'no error');
	is($seen->{scripts}, 4, 'scripts: the two of the page, the two of this test');
	my @rows = grep { $_->{variant} eq 'spb-v1-none' } csv("$dir/timeline.csv");
	my $row = $rows[$seen->{lines}{column}];
	like($seen->{lines}{text}[0], qr/\($row->{time_ns} ns\)/, 'hover: the time of the sample');
	is($seen->{lines}{text}[1], "spb-v1-none: $row->{spb_tainted}", 'hover: the number of timeline.csv');
	is($seen->{lines}{shown}, 'block', 'the tip shows');
	is($seen->{hidden}, 'none', 'and goes');
	my $time = $rows[$seen->{map}{column}]{time_ns};
	my ($state) = grep { $_->{variant} eq 'spb-v1-none' && $_->{spb} == $seen->{map}{spb} &&
			     $_->{time_ns} <= $time } reverse csv("$dir/spbmap.csv");
	is($seen->{map}{text}[1], "SPB $seen->{map}{spb} of 0/Normal", 'hover in a map: which');
	is($seen->{map}{text}[2], "spb-v1-none: $state->{category}" . ($state->{stuck} ? ', stuck' : '')
		. ", $state->{free_blocks} of 512 blocks free", 'and its state in spbmap.csv');
	like(join("\n", @{ $seen->{since} }), qr/SPB 0 .*\nspb-v1-none: tainted.*\nsince \+2\.000 s: clean to tainted by STEAL of net-slab/,
	     'a tainted cell names who tainted it, long after, too');
	is($seen->{all}, 50, 'all samples at first');
	is($seen->{zoomed}, 12.5, 'keys zoom in');
	is($seen->{moved}, -1, 'keys move the cursor');
	like($seen->{spoken}, qr/spb-v1-none: \d+/, 'and its numbers are spoken');
	is($seen->{wider}, 25, 'keys zoom out');
	is($seen->{reset}, 50, '0 shows all');
	is($seen->{down}, 1, 'keys move to the next superpageblock');
	cmp_ok($seen->{dragged}, '<', 20, 'a drag zooms');
	is($seen->{button}, 50, 'a button shows all');
	cmp_ok($seen->{colours}, '>=', 4, 'the map is painted');
	is($seen->{stillHidden}, 'none', 'still pictures are hidden');

	my $host = browse(page_of(outcome('host')));
	is_deeply($host->{errors}, [], 'three zones: no error');
	is(join(', ', map { s/^SPB \d+ of //r } @{ $host->{zones} }), '0/DMA, 0/DMA32, 0/Normal',
		'each can be chosen');
	skip('make_outcome is not built', 1) unless -x $maker;
	my $evil = browse(page_of(tmp('evil')));
	is_deeply($evil->{errors}, [], 'hostile names: no error, no alert');
	is($evil->{alien}, 0, 'no element of theirs');
	is($evil->{scripts}, 4, 'no script of theirs');
	my $big = browse(slurp(tmp('big-20/report.html')));
	is_deeply($big->{errors}, [], '1,024 SPBs x 2,000 samples: no error');
	note("opened in $big->{loaded} ms");
	is($big->{all}, 2000, 'all of them');
}

done_testing();

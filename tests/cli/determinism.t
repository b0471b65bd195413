#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The same input gives the same bytes: over runs, threads, locales, time zones, chunks of standard
# input, compilers and optimisation. run.json holds the hash of each file.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Spb;

my $root = abs_path("$FindBin::Bin/../..");
my $tool = abs_path($ENV{SPBREPLAY} // "$root/spbreplay");
my $dat = scene() // "$root/examples/saturation/trace.dat";
my $seed = $ENV{SPB_SEED} // time();
srand($seed);

# All files of a result, without what must differ: times, and how the input was named.
sub content {
	my ($dir) = @_;
	return 'no files' if listing($dir) eq '' || listing($dir) eq 'no folder';
	return join('', map { my $t = slurp("$dir/$_");
		$t =~ s/^\s*"(?:wall_ms|cpu_ms|path|source)": [^\n]*\n//gm if $_ eq 'run.json';
		"== $_\n$t" } split(/ /, listing($dir)));
}

my $n = 0;
sub result {
	my ($env, @words) = @_;
	my $dir = tmp('o' . $n++);
	local %ENV = (%ENV, %$env);
	my ($exit, undef, $err) = sh("$env->{PIPE} '$words[0]' compare -q -i " . ($env->{PIPE} ? '-' : "'$dat'") .
		" @words[1 .. $#words] -V vanilla -V spb-v1-none -V spb-v1-hotpath -V spb-bitmap -o '$dir'");
	diag($err) if $exit;
	my $log = tmp('l' . $n . '.spblog');
	sh("'$words[0]' parse -q -i '$dat' -o '$log'");
	my $all = content($dir) . "== log\n" . (slurp($log) // '');
	system('rm', '-rf', $dir, $log);
	return $all;
}

my %plain = (PIPE => '');
my $want = result(\%plain, $tool);
cmp_ok(length($want), '>', 100000, 'results');
sub same { my ($name, @run) = @_; ok(result(@run) eq $want, $name) }
same('a second run', \%plain, $tool);
same("-j $_", \%plain, $tool, '-j', $_) for 1, 2, 7;
same("locale $_", {%plain, LC_ALL => $_, LANG => $_}, $tool) for qw(C.UTF-8 POSIX de_DE.UTF-8 tr_TR.UTF-8);
same("time zone $_", {%plain, TZ => $_}, $tool) for qw(UTC Asia/Kathmandu XXX+11:30);

# Standard input in random chunks.
my $chunks = spit(tmp('chunks.pl'), q{
	my ($file, $seed, $most) = @ARGV;
	srand($seed);
	open(my $f, '<:raw', $file) or die;
	while (sysread($f, my $b, 1 + int(rand($most)))) { syswrite(STDOUT, $b) }
});
same("chunks of up to $_ bytes (seed $seed)", {PIPE => "perl $chunks '$dat' $seed $_ |"}, $tool)
	for 100, 5000, 70000;

# A capture is scanned while it is read, on guesses; its log is scanned when all is known. Losses, a
# window, the machine, the level, an SPB kernel, lines out of order: whatever was guessed wrong.
{
	my $text = tmp('mixed.txt');
	my @lines = split(/^/, slurp(data('trace_pipe.txt')));
	spit($text, join('', @lines[grep { $_ % 3 } 0 .. $#lines], @lines[grep { !($_ % 3) } 0 .. $#lines]));
	my $alien = slurp("$root/examples/host/trace.dat");
	$alien =~ s/x86_64/sparc9/g;
	spit(tmp('alien.dat'), $alien);
	my %input = (scene => [$dat], saturation => ["$root/examples/saturation/trace.dat"],
		'page events' => [data('small_v7.dat')], text => [data('trace_pipe.txt')], 'mixed text' => [$text],
		'another machine' => [tmp('alien.dat')],
		losses => [data('cpu1.raw'), '--format-dir', "$root/tests/data/tracing"]);
	for my $name (sort keys %input) {
		my ($file, @how) = @{$input{$name}};
		my $log = tmp('whole.spblog');
		is((run('parse', '-q', '--force', '-i', $file, @how, '-o', $log))[0], 0, "$name: a log");
		for my $ask ([], ['--level', 'page'], ['--window', '10%~60%'], ['--initial', 'exact', '-j1']) {
			my @dirs = map { my ($i, @h) = @$_;
				my $o = tmp('o' . $n++);
				my ($exit, $out, $err) = run('compare', '-q', '-i', $i, @h, @$ask, '-o', $o);
				unlink("$o/run.json", "$o/schema.json");	# say what the input was
				[$exit, $err =~ s/\Q$i\E/INPUT/gr, content($o)];
			} [$file, @how], [$log];
			is_deeply($dirs[0], $dirs[1], "$name @$ask: as from its log, exit $dirs[0][0]");
		}
	}
}

# Each file's hash.
SKIP: {
	my $dir = tmp('hash');
	run('compare', '-q', '-i', $dat, '-o', $dir);
	my $run = decode_json(slurp("$dir/run.json"));
	skip('no xxhsum', 1) if system('command -v xxhsum >/dev/null 2>&1');
	my @wrong = grep { my ($h) = `xxhsum -q -H64 '$dir/$_->{name}' 2>/dev/null` =~ /^([0-9a-f]{16})/; ($h // '') ne $_->{xxh64} }
		@{$run->{files}};
	is(join(' ', map { $_->{name} } @wrong), '', scalar(@{$run->{files}}) . ' hashes are those of the files');
}

# Other compilers and flags: a build each.
for my $build (['gcc', '-O0'], ['gcc', '-O3'], ['clang', '-O0'], ['clang', '-O3']) {
	my ($cc, $flags) = @$build;
	SKIP: {
		skip("no $cc", 1) if system("command -v $cc >/dev/null 2>&1");
		skip('the build here has sanitizers', 1) if $ENV{SPB_SANITIZED};
		my $b = "$root/build/other/$cc$flags";
		my $cache = system('command -v ccache >/dev/null 2>&1') ? '' : 'ccache ';
		my $out = `cd '$root' && MAKEFLAGS= make -s -j2 B='$b' CC='$cache$cc' CFLAGS=$flags '$b/spbreplay' 2>&1`;
		skip("$cc $flags does not build: $out", 1) unless -x "$b/spbreplay";
		same("$cc $flags", \%plain, "$b/spbreplay");
	}
}
done_testing();

# SPDX-License-Identifier: GPL-2.0
# What the command-line tests share: run the tool as a user would, and look at what it left.
package Spb;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(run sh signalled interrupted data scene tmp slurp spit listing one_line fails csv);

my $root = abs_path(dirname(__FILE__) . '/../..');
my $tool = $ENV{SPBREPLAY} // "$root/spbreplay";
my $tmp = tempdir('spb-cli-XXXXXX', TMPDIR => 1, CLEANUP => 1);

$ENV{LC_ALL} = 'C';
delete $ENV{$_} for qw(NO_COLOR);
BAIL_OUT("no tool at $tool") unless -x $tool;
$tool = abs_path($tool);

# Name of a file in this test's own temporary folder.
sub tmp { return "$tmp/$_[0]" }

sub slurp {
	my ($path) = @_;
	open(my $f, '<:raw', $path) or return undef;
	local $/;
	return scalar <$f> // '';
}

sub spit {
	my ($path, $bytes) = @_;
	open(my $f, '>:raw', $path) or die "$path: $!";
	print $f $bytes;
	close($f) or die "$path: $!";
	return $path;
}

# Run words as a command: ($exit, $stdout, $stderr); exit is 128 + signal for a crash.
sub words {
	my (@words) = @_;
	my ($out, $err) = (tmp('.stdout'), tmp('.stderr'));
	my $pid = fork() // die "fork: $!";
	if (!$pid) {
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', $out);
		open(STDERR, '>', $err);
		exec(@words) or exit(127);
	}
	waitpid($pid, 0);
	my $exit = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return ($exit, slurp($out), slurp($err));
}

# Run the tool with these options.
sub run { return words($tool, @_) }

# Run a shell line in which $T is the tool.
sub sh {
	local $ENV{T} = $tool;
	return words('sh', '-c', $_[0]);
}

# Does the process @pid have a handler for signal number @sig yet, or is it gone?
sub heeds {
	my ($pid, $sig) = @_;
	my $status = slurp("/proc/$pid/status") // return 1;
	my ($caught) = $status =~ /^SigCgt:\s*([0-9a-f]+)/m;
	return $status =~ /^State:\s*Z/m || hex(substr($caught // 'f', -8)) >> $sig - 1 & 1;
}

# Standard input of signalled().
our $stdin = '/dev/null';

# Run the tool; when it heeds signals, wait @after seconds and send SIGINT or SIGTERM:
# ($exit, $stderr, seconds from the signal to the end).
sub signalled {
	my ($sig, $after, @args) = @_;
	my ($out, $err) = (tmp('.out'), tmp('.err'));
	my $pid = fork() // die "fork: $!";
	if (!$pid) {
		# Whoever runs the tests may ignore them, as a shell does for what it starts with &.
		$SIG{$_} = 'DEFAULT' for qw(INT TERM);
		open(STDIN, '<', $stdin);
		open(STDOUT, '>', $out);
		open(STDERR, '>', $err);
		exec($tool, @args) or exit(127);
	}
	sleep(0.002) until heeds($pid, $sig eq 'INT' ? 2 : 15);
	sleep($after);
	my $sent = time();
	kill($sig, $pid);
	waitpid($pid, 0);
	my $exit = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return ($exit, slurp($err), time() - $sent);
}

# The same for a command that takes long: the signal comes when there is something to keep, however
# slow the machine is. @clean removes what a run leaves.
sub interrupted {
	my ($sig, $clean, @args) = @_;
	my ($exit, $err);
	for my $after (map { 0.5 * 2 ** $_ } 0 .. 6) {
		$clean->();
		($exit, $err) = signalled($sig, $after, @args);
		last unless $exit == 3 && $err =~ /interrupted - run again|after 0 /;
	}
	return ($exit, $err);
}

# A capture of tests/data, unpacked when needed.
sub data {
	my ($name) = @_;
	my $path = "$root/tests/data/$name";
	return $path if -e $path;
	my $copy = tmp($name);
	return $copy if -e $copy;
	system("zstd -dqc '$path.zst' >'$copy'") == 0 or die "no $path or $path.zst";
	return $copy;
}

# A capture with everything that zone level needs. Same bytes every time.
sub scene {
	my $path = tmp('scene') . '/trace.dat';
	mkdir(tmp('scene'));
	-e $path || system($tool, 'synth', '-q', '-p', 'saturation', '-o', $path) == 0
		or die 'synth failed';
	return $path;
}

# Names in a folder, sorted, one string; '' for an empty one.
sub listing {
	my ($dir) = @_;
	opendir(my $d, $dir) or return "no folder";
	return join(' ', sort grep { !/^\.\.?$/ } readdir($d));
}

# Exactly one line, which names the tool.
sub one_line {
	my ($text, $name) = @_;
	return like($text, qr/\Aspbreplay: [^\n]+\n\z/, $name);
}

# The command must fail with this status, one line on stderr that matches, nothing on stdout.
sub fails {
	my ($want, $match, @args) = @_;
	my ($exit, $out, $err) = run(@args);
	my $name = join(' ', @args);
	$name =~ s/\Q$tmp\E/TMP/g;
	$name =~ s/[^ -~]/?/g;
	return subtest "fails: $name" => sub {
		is($exit, $want, 'exit status');
		is($out, '', 'nothing on stdout');
		one_line($err, 'one line on stderr');
		like($err, $match, 'which says what is wrong');
	};
}

# A CSV file as a list of hashes. Only for files without quoted newlines.
sub csv {
	my ($path) = @_;
	my ($head, @lines) = split(/\n/, slurp($path) // '');
	my @names = split(/,/, $head // '');
	my @rows;
	for my $line (@lines) {
		my @cells;
		push(@cells, defined $1 ? $1 : $2)
			while $line =~ /\G(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g && @cells < @names;
		my %row;
		@row{@names} = @cells;
		push(@rows, \%row);
	}
	return @rows;
}

1;

#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# examples/fleet/slurm.sh on a real Slurm: munged, slurmctld and slurmd on loopback, started here and
# stopped here, with a cancelled task on the way. Skipped where they are not installed.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use POSIX qw(:sys_wait_h);
use Test::More;
use Time::HiRes qw(sleep time);
use Spb;

my $root = abs_path("$FindBin::Bin/../..");
my $build = $ENV{SPB_BUILD} // "$root/build";
my $tool = abs_path($ENV{SPBREPLAY} // "$root/spbreplay");
$ENV{PATH} .= ':/usr/sbin:/sbin';

sub installed { return grep { -x "$_/$_[0]" } split(/:/, $ENV{PATH}) }
plan(skip_all => 'not root') if $>;
for my $need (qw(munged slurmctld slurmd sbatch squeue)) {
	plan(skip_all => "$need is not installed (apt-get install slurmctld slurmd slurm-client munge)")
		unless installed($need);
}
plan(skip_all => 'make-hosts is not built') unless -x "$build/examples/fleet/make-hosts";

# Daemons refuse folders that others may write to, and need one that others may enter.
my $dir = tempdir('spb-slurm-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod(0755, $dir);
mkdir("$dir/$_", 0755) for qw(munge state spool);
chomp(my $host = `hostname -s`);
my ($ctld_port, $slurmd_port) = map { 20000 + ($$ * 2 + $_) % 20000 } 0, 1;
my @daemons;

END {
	my $status = $?;
	for my $pid (reverse @daemons) {
		kill('TERM', $pid);
		my $until = time() + 5;
		sleep(0.05) while !waitpid($pid, WNOHANG) && time() < $until;
		kill('KILL', $pid);
		waitpid($pid, WNOHANG);
	}
	$? = $status;
}

sub daemon {
	my ($name, @words) = @_;
	my $pid = fork() // die "fork: $!";
	if (!$pid) {
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>>', "$dir/$name.log");
		open(STDERR, '>&', \*STDOUT);
		exec(@words) or exit(127);
	}
	push(@daemons, $pid);
}

sub wait_for {
	my ($seconds, $what) = @_;
	my $until = time() + $seconds;
	while (time() < $until) {
		return 1 if $what->();
		sleep(0.2);
	}
	return 0;
}

spit("$dir/munge/key", join('', map { chr(int(rand(256))) } 1 .. 128));
chmod(0600, "$dir/munge/key");
spit("$dir/slurm.conf", <<"END");
ClusterName=spbreplay
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$ctld_port
SlurmdPort=$slurmd_port
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
spit("$dir/cgroup.conf", "CgroupPlugin=cgroup/v1\n");
$ENV{SLURM_CONF} = "$dir/slurm.conf";

sub logs { return map { "$_: " . (slurp("$dir/$_.log") // '') . "\n" } qw(munged slurmctld slurmd) }

daemon('munged', 'munged', '--foreground', '--force', "--key-file=$dir/munge/key",
       "--socket=$dir/munge/socket", "--pid-file=$dir/munge/pid", "--log-file=$dir/munged2.log",
       "--seed-file=$dir/munge/seed");
ok(wait_for(10, sub { -S "$dir/munge/socket" }), 'munged is up') or diag(logs());
daemon('slurmctld', 'slurmctld', '-D', '-c', '-f', "$dir/slurm.conf");
daemon('slurmd', 'slurmd', '-D', '-f', "$dir/slurm.conf", '-N', $host);
my $up = wait_for(40, sub { (sh('sinfo -h -o %T'))[1] =~ /^idle/ });
ok($up, 'slurmctld and slurmd are up');
if (!$up) {
	diag(logs());
	done_testing();
	exit;
}

# The whole in one go, then as an array of three tasks with a part each.
my @arms = map { ('-V', $_) } qw(spb-v1-none spb-v1-hotpath);
system("$build/examples/fleet/make-hosts", "$dir/hosts", 30) == 0 or die 'make-hosts failed';
run('batch', '-q', '-o', "$dir/whole", @arms, "$dir/hosts/manifest.csv");
run('merge', '-q', '-o', "$dir/m-whole", "$dir/whole");

my $submit = "SPBREPLAY=$tool sbatch --parsable --array=5-7 -o $dir/task-%a.out " .
	     "$root/examples/fleet/slurm.sh $dir/hosts/manifest.csv $dir/fleet @arms";
sub idle { return (sh('squeue -h'))[1] eq '' }
sub array {
	my ($name) = @_;
	my ($exit, $job, $err) = sh($submit);
	is($exit, 0, "$name: sbatch") or diag($err);
	return $job =~ s/\s//gr;
}

my $job = array('first try');
wait_for(20, sub { glob("$dir/fleet/units/*/*/*.csv") });
sh("scancel --signal=KILL --full $job; scancel $job");
ok(wait_for(30, \&idle), 'cancelled on its way');
array('second try');
ok(wait_for(40, \&idle), 'the array ends') or diag(logs());

my ($exit, undef, $err) = run('merge', '-q', '-o', "$dir/m-fleet", "$dir/fleet");
is($exit, 0, 'merge') or diag($err, map { "$_: " . slurp($_) } glob("$dir/task-*.out"));
ok(-e "$dir/task-$_.out", "task $_ ran") for 5 .. 7;
is(slurp("$dir/m-fleet/merged.csv"), slurp("$dir/m-whole/merged.csv"), 'the same bytes as in one go');

done_testing();

#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Variants: the built-in ones, files, bases, short forms, and hostile JSON.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

# Value of a knob as 'variants NAME' prints it.
sub knob {
	my ($spec, $knob) = @_;
	my ($exit, $out) = run('variants', $spec);
	return "exit $exit" if $exit;
	return $out =~ /"\Q$knob\E": "?([^",\n]*)/ ? $1 : 'none';
}

sub file {
	my ($name, $text) = @_;
	return spit(tmp($name), $text);
}

my ($exit, $out, $err) = run('variants');
is($exit, 0, 'variants');
is(join(' ', $out =~ /^(\S+)/mg), 'spb-v1-none spb-v1-alloc spb-v1-fallthrough spb-v1-hotpath spb-v2 spb-bitmap vanilla',
	'the built-in ones');

# The four arms of the patch: update_list_mode, trigger 1, trigger 2.
my %arm = (
	'spb-v1-none' => 'bucket false false', 'spb-v1-alloc' => 'bucket true false',
	'spb-v1-fallthrough' => 'bucket false true', 'spb-v1-hotpath' => 'bucket true true',
);
for my $name (sort keys %arm) {
	is(join(' ', map { knob($name, $_) } qw(update_list_mode trigger_alloc trigger_fallthrough)),
		$arm{$name}, $name);
}

($exit, $out) = run('variants', '-v', 'spb-v1-none');
my @knobs = $out =~ /^(\w+) = /mg;
cmp_ok(scalar @knobs, '>', 20, 'variants -v lists the knobs');
is(scalar(() = $out =~ /^\w+ = \S+ \(.+; default \S+\): .+ \[S.+\]$/mg), scalar @knobs,
	'each with value, range, default, meaning and source');

# What is printed can be loaded again, and means the same.
($exit, $out) = run('variants', 'spb-v1-hotpath');
my $copy = file('copy.json', $out);
is((run('variants', $copy))[1], $out, 'printed JSON loads again as the same variant');

# Bases: a built-in, a file beside the file.
my $base = file('base.json', '{ "name": "b", "base": "spb-v1-hotpath", "hz": 250 }');
my $top = file('top.json', '{ "name": "t", "base": "base.json", "migrate_batch": 64 }');
is(knob($top, 'hz'), 250, 'from the base file');
is(knob($top, 'trigger_alloc'), 'true', 'from the base of the base');
is(knob($top, 'migrate_batch'), 64, 'own');
is(knob($top, 'name'), 't', 'own name');

# Knobs that do not fit together, however they were written.
for my $spec (file('torn.json', '{ "name": "torn", "base": "spb-bitmap", "allocator": "vanilla" }'),
	      'spb-bitmap:allocator=vanilla') {
	($exit, $out, my $why) = run('variants', $spec);
	is($exit, 2, "$spec: refused");
	is($why, qq{spbreplay: $spec: pcp_mode "buddy" needs allocator "spb" - change the variant\n}, 'why');
}

# Short form.
is(knob('spb-v1-none:hz=250,trigger_alloc=on', 'hz'), 250, 'name:knob=value');
is(knob('spb-v1-none:hz=250,trigger_alloc=on', 'trigger_alloc'), 'true', 'and a second knob');
is(knob('spb-v1-none:hz=250', 'name'), 'spb-v1-none:hz=250', 'the whole is the name');
is(knob("$top:hz=300", 'hz'), length($top) < 55 ? 300 : 'exit 2', 'of a file');
fails(2, qr/knob "hz" cannot be 1 - allowed: 100 to 10000/, 'variants', 'spb-v1-none:hz=1');
fails(2, qr/unknown knob "hzz" - did you mean "hz"/, 'variants', 'spb-v1-none:hzz=1');
fails(2, qr/spb-v1-none:hz=100,\S+: "hz" is there twice - say each knob once/, 'variants', "spb-v1-none:$_")
	for 'hz=100,hz=200', 'hz=100,hz=100', 'hz=100,trigger_alloc=on,hz=200';
fails(2, qr/'hz' has no value/, 'variants', 'spb-v1-none:hz=250,hz');
fails(2, qr/knob "hz" cannot be -1/, 'variants', 'spb-v1-none:hz=-1');

# Wrong in every way a file can be: one line, the file, the key, what is allowed.
fails(2, qr/unknown variant 'spb-v1-aloc' - did you mean spb-v1-alloc/, 'variants', 'spb-v1-aloc');
fails(2, qr/unknown variant 'qqq'.*one of: spb-v1-none/, 'variants', 'qqq');
fails(4, qr/missing\.json: cannot open/, 'variants', tmp('missing.json'));
fails(4, qr/cannot read/, 'variants', tmp(''));

my @bad = (
	['{ "name": "x", "trigger_aloc": true }', qr/unknown knob "trigger_aloc" - did you mean "trigger_alloc"/],
	['{ "name": "x", "trigger_alloc": 1 }', qr/"trigger_alloc" cannot be 1 - allowed: true or false/],
	['{ "name": "x", "trigger_alloc": "true" }', qr/"trigger_alloc" cannot be "true"/],
	['{ "name": "x", "hz": 99 }', qr/"hz" cannot be 99 - allowed: 100 to 10000/],
	['{ "name": "x", "hz": 10001 }', qr/"hz" cannot be 10001/],
	['{ "name": "x", "hz": -1 }', qr/"hz" cannot be -1/],
	['{ "name": "x", "hz": 1e3 }', qr/"hz" cannot be/],
	['{ "name": "x", "hz": 18446744073709551717 }', qr/"hz" cannot be/],
	['{ "name": "x", "hz": 4294967396 }', qr/"hz" cannot be 4294967396/],
	['{ "name": "x", "hz": null }', qr/"hz" cannot be null/],
	['{ "name": "x", "hz": [1000] }', qr/"hz" cannot be/],
	['{ "name": "x", "update_list_mode": "sometimes" }', qr/allowed: "bucket" or "always"/],
	['{ "name": 5 }', qr/"name" is not a string/],
	['{ "name": "" }', qr/"name" is empty/],
	['{ "name": "a\nb" }', qr/control character/],
	['{ "name": "' . 'n' x 64 . '" }', qr/"name" has 64 bytes - at most 63/],
	['{ "hz": 250 }', qr/"name" is missing/],
	['{ "name": "x", "base": 5 }', qr/"base" is not a name/],
	['{ "name": "x", "base": "spb-v1-nope" }', qr/unknown variant 'spb-v1-nope'/],
	['{ "name": "x", "hz": 250, "hz": 1000 }', qr/3 members, of which 1 have the name of one before/],
	['{ "name": "a", "doc": "a: \\": b", "name": "b" }', qr/3 members, of which 1 have/],
	["{ \"name\": \"\x{e1}\" }", qr/not valid JSON \(line 1, byte 12: invalid utf-8/],
	['{ "name": "x", "hz": { "a": 1, "b": 2 } }', qr/"hz" cannot be/],
	['[]', qr/not a JSON object/],
	["null\n", qr/not a JSON object/],
	['null', qr/not a JSON object/],
	['5', qr/not a JSON object/],
	['', qr/ends too early/],
	['{ "name": "x"', qr/ends too early \(line 1\)/],
	["{ \"name\": \"x\",\n\n oops }", qr/not valid JSON \(line 3/],
	['{ "name": "x" } { }', qr/text after the object/],
	["{ \"name\": \"x\" }\0", qr/NUL byte/],
	['[' x 100000, qr/not valid JSON/],
	['{"a":' x 100000, qr/not valid JSON/],
	[' ' x (1 << 20) . '{}', qr/longer than 1048576 bytes/],
);
for my $i (0 .. $#bad) {
	my ($text, $match) = @{$bad[$i]};
	my $path = file("bad$i.json", $text);
	fails(2, qr/bad$i\.json: .*$match/, 'variants', $path);
}

# Loops of bases end.
file('a.json', '{ "name": "a", "base": "b.json" }');
file('b.json', '{ "name": "b", "base": "a.json" }');
file('self.json', '{ "name": "s", "base": "./self.json" }');
fails(2, qr/loop/, 'variants', tmp('a.json'));
fails(2, qr/loop/, 'variants', tmp('self.json'));
file("deep$_.json", sprintf('{ "name": "d", "base": "deep%d.json" }', $_ + 1)) for 0 .. 40;
fails(2, qr/more than \d+ bases/, 'variants', tmp('deep0.json'));

done_testing();

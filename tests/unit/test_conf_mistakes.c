/* SPDX-License-Identifier: ISC */
/* What uplinkd.conf(5) promises of mistakes: each is named with its line, all in one
 * run, none twice; and what is likely to be one gets a warning. */
#include "unit.h"

#include "read_conf.h"

#define OCTETS_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OCTETS_256 OCTETS_64 OCTETS_64 OCTETS_64 OCTETS_64

static const struct mistake mistakes[] = {
    /* words */
    {"intervall 3\n" AB, 1, "unknown setting \"intervall\": did you mean \"interval\"?"},
    {"\n\nqorum 3\n" AB, 3, "unknown setting \"qorum\": here may stand budget, confirm, deprecate"},
    {LINK_WITH("gatway 192.0.2.1"), 4, "unknown setting \"gatway\": did you mean \"gateway\"?"},
    {LINK_WITH("target 203.0.113.1 {\n\n timeot 1s\n}"), 6, "did you mean \"timeout\"?"},
    {"snmp {\ncontrl yes\n}\n" AB, 2, "did you mean \"control\"?"},
    {"lnk c { interface x; nothing 3; { } }\n" AB, 1, "did you mean \"link\"?"},
    {"tier 3\n" AB, 1, "\"tier\" does not belong here: it is a setting of a link"},
    {"target 203.0.113.1 { interval 3 }\n" AB, 1, "\"target\" does not belong here"},
    {"agentx /x\n" AB, 1, "\"agentx\" does not belong here: it is a setting of the SNMP side"},
    {LINK_WITH("site x"), 4, "\"site\" does not belong here: it is a setting of the file"},
    {LINK_WITH("mark mask 0x7ff00"), 4, "\"mark\" does not belong here"},
    {LINK_WITH("link d { interface x }"), 4, "\"link\" does not belong here"},
    {LINK_WITH("target 203.0.113.1 { hold 3 }"), 4, "\"hold\" does not belong here"},
    {LINK_WITH("target 203.0.113.1 { quorum 3 }"), 4, "\"quorum\" does not belong here"},
    {"foo\x01"
     "bar 1\n" AB,
     1, "unknown setting \"foo\\x01bar\""},
    {"\"site\" x\n" AB, 1, "unknown setting \"site\""},
    {"s\xc3\xa9te\x7f x\n" AB, 1, "unknown setting \"s\\xc3\\xa9te\\x7f\""},
    {"12345678901234567890123456789012345678901234567890123456789 x\n" AB, 1, "345678901...\""},
    {"after 3\n" AB, 1, "unknown setting \"after\""},

    /* statements */
    {"interval\n" AB, 1, "the statement ends too early: expected a value"},
    {"down 3\n" AB, 1, "unexpected \"3\": expected after"},
    {"site a b\n" AB, 1, "unexpected \"b\": expected the end of the statement"},
    {"realtime maybe\n" AB, 1, "unexpected \"maybe\": expected no or yes"},
    {"site auto\n" AB, 1,
     "unexpected \"auto\": expected a value (put it in quotes to use it as such)"},
    {"kill yes\n" AB, 1, "unexpected \"yes\": expected flows"},
    {LINK_WITH("target 203.0.113.1 icmpp"), 4, "unexpected \"icmpp\": did you mean \"icmp\"?"},
    {LINK_WITH("target"), 4, "the statement ends too early"},
    {LINK_WITH("target 203.0.113.1\n{ interval 3 }"), 5, "this block belongs to no statement"},
    {"link {\ninterface x\n}\n" AB, 1, "unexpected \"{\": expected a value"},
    {AB "}\n", 3, "this } closes nothing: remove it"},
    {AB "link c {\n interface x\n\n", 5, "the block that begins in line 3 is not closed: add }"},
    {AB "link c {\n target 203.0.113.1 {\n", 4, "the block that begins in line 4 is not closed"},
    {AB "link c {\n target 203.0.113.1 {\n}\n", 5, "the block that begins in line 3 is not closed"},
    {"site \"lyon\n" AB, 1, "the text is not closed on this line"},
    {"site \"lyon\\\"\n" AB, 1, "the text is not closed on this line"},

    /* texts */
    {"site \"a\\n\"\n" AB, 1, "site has a \\ that stands for nothing"},
    {"site \"a\x07\"\n" AB, 1, "site has a control character or is not UTF-8"},
    {"site \"a\xc2\x85\"\n" AB, 1, "site has a control character or is not UTF-8"},
    {"site \"a\xff\"\n" AB, 1, "site has a control character or is not UTF-8"},
    {"site a\xc3\n" AB, 1, "site has a control character or is not UTF-8"},
    {"site 123456789012345678901234567890123\n" AB, 1, "site is longer than 32 octets"},
    {"group \"\"\n" AB, 1, "group is empty"},
    {"group 123456789012345678901234567890123\n" AB, 1, "group is longer than 32 octets"},
    {"link \"\" { interface wan3; gateway auto }\n" AB, 1, "the link's name is empty"},
    {"link \"a\tb\" { interface wan3; gateway auto }\n" AB, 1, "the link's name has a control"},
    {"link 123456789012345678901234567890123 { interface wan3; gateway auto }\n" AB, 1,
     "the link's name is longer than 32"},
    {LINK_WITH("alias 12345678901234567890123456789012345678901234567890123456789012345"), 4,
     "alias is longer than 64 octets"},
    {LINK_WITH("alias \"\x1b[31m\""), 4, "alias has a control character"},
    {"link c {\ninterface 1234567890123456\ngateway auto\n}\n" AB, 2,
     "interface is longer than 15"},
    {"link c {\ninterface \"wan 1\"\ngateway auto\n}\n" AB, 2, "interface: a name has"},
    {"link c {\ninterface \"\"\ngateway auto\n}\n" AB, 2, "interface: a name has"},
    {"link c {\ninterface ..\ngateway auto\n}\n" AB, 2, "interface: a name has"},
    {"link c {\ninterface a/b\ngateway auto\n}\n" AB, 2, "interface: a name has"},
    {"snmp {\nagentx master\n}\n" AB, 2, "agentx needs the path"},
    {"snmp {\nagentx \"/a b\"\n}\n" AB, 2, "agentx: the path may have"},
    {"snmp { agentx /2345678901234567890123456789012345678901234567890123456789012345678901234567"
     "890123456789012345678901234567890 }\n" AB,
     1, "agentx is longer than 107"},

    /* twice */
    {"site a\nsite b\n" AB, 2, "site is set twice: remove one (the first is in line 1)"},
    {"interval 1s\n\ninterval 2s\n" AB, 3,
     "interval is set twice: remove one (the first is in line 1)"},
    {"mark mask 0x7ff00\nmark mask 0x7ff00\n" AB, 2, "mark mask is set twice"},
    {"snmp no\nsnmp { }\n" AB, 2, "snmp is set twice"},
    {"snmp { control yes\ncontrol no }\n" AB, 2, "control is set twice"},
    {LINK_WITH("tier 1\ntier 1"), 5, "tier is set twice: remove one (the first is in line 4)"},
    {LINK_WITH("interface wan4"), 4, "interface is set twice: remove one (the first is in line 2)"},
    {LINK_WITH("gateway 192.0.2.34"), 4, "the IPv4 gateway is set twice"},
    {LINK_WITH("gateway auto"), 4, "say gateway auto inet6 for the other"},
    {"link c {\ninterface wan3\ngateway fe80::1\ngateway auto\n}\n" AB, 4,
     "say gateway auto inet for the other"},
    {"link c {\ninterface wan3\ngateway auto\ngateway 192.0.2.33\n}\n" AB, 4,
     "the IPv4 gateway is set twice"},
    {LINK_WITH("target gateway\ntarget 192.0.2.33"), 5,
     "this target stands in line 4 of the same link already"},
    {LINK_WITH("source 192.0.2.34\nsource 192.0.2.35"), 5, "the IPv4 source is set twice"},
    {LINK_WITH("nat none\nnat snat 192.0.2.34"), 5, "nat is set twice"},
    {LINK_WITH("kill flows yes\nkill flows no"), 5, "kill flows is set twice"},
    {LINK_WITH("mss clamp pmtu\nmss clamp 1400"), 5, "mss clamp is set twice"},
    {LINK_WITH("last resort yes\nlast resort no"), 5, "last resort is set twice"},
    {"deprecate on lan0\ndeprecate on lan0\n" AB, 2, "lan0 is named in another line already"},
    {"deprecate on lan/0\n" AB, 1, "deprecate on: a name has 1 to 15"},
    {"deprecate lan0\n" AB, 1, "expected on"},
    {LINK_WITH("deprecate on lan0"), 4, "\"deprecate\" does not belong here"},
    {"flows kernel\nflows marks\n" AB, 2, "flows is set twice"},
    {LINK_WITH("kil-flows no"), 4, "unknown setting \"kil-flows\""},
    {LINK_WITH("flows kernel"), 4, "\"flows\" does not belong here: it is a setting of the file"},
    {"last resort yes\n" AB, 1, "\"last\" does not belong here: it is a setting of a link"},

    /* forwarding */
    {"flows kernel\nnat masquerade\n" AB, 2, "flows kernel, in line 1, goes without address"},
    {"flows kernel\n" LINK_WITH("nat snat 192.0.2.3"), 5, "say nat none"},
    {"flows kernel\n" LINK_WITH("gateway fe80::1\nnat6 masquerade"), 6, "say nat6 none"},
    {"flows kernel\nreset clients yes\n" AB, 2, "so no client can be told"},
    {"flows kernel\nmss clamp 1400\nlink c { interface wan1; gateway 192.0.2.7; mss clamp no "
     "}\n" LINK_A,
     2, "needs an interface for each link"},
    {LINK_WITH("gateway 192.0.2.7 inet6"), 4, "IPv6 can't go by an IPv4 gateway"},
    {LINK_WITH("gateway fe80::1 inet"), 4, "the IPv4 gateway is set twice"},
    {"link c {\ninterface wan3\ngateway fe80::1 inet\n}\n" AB, 1, "name an IPv4 target"},
    {"link c {\ninterface wan3\ngateway fe80::1 inet\ntarget gateway }\n" AB, 4,
     "name an IPv4 target"},
    {LINK_WITH("nat6 prefix fd00::/48 to 2001:db8:1::/56"), 4, "/48 becomes /56"},
    {LINK_WITH("nat6 prefix fd00::1/48 to 2001:db8:1::/48"), 4, "prefix \"fd00::1/48\" is not"},
    {LINK_WITH("nat6 prefix fd00::/48 to 10.0.0.0/8"), 4, "is not an IPv6 prefix"},
    {LINK_WITH("nat6 prefix fd00::/48 2001:db8::/48"), 4, "expected to"},
    {LINK_WITH("nat6 prefix fd00::/48 to 2001:db8:1::/48\nnat6 none"), 5, "nat6 is set twice"},
    {LINK_WITH("nat6 prefix fd00::/48 to 2001:db8:1::/48"), 4, "the link has no IPv6 gateway"},
    {"link c {\ninterface wan3; gateway fe80::1\nnat6 prefix fd00::/48 to 2001:db8:1::/48 }\n"
     "link d {\ninterface wan4; gateway fe80::1\n"
     "nat6 prefix fd00:0:0:8000::/49 to 2001:db8:1:8000::/49 }\n" LINK_A,
     6, "2001:db8:1:8000::/49 is part of"},
    {LINK_WITH("target 203.0.113.1 { up after 3\nup after 3 }"), 5, "up after is set twice"},

    /* addresses */
    {LINK_WITH("source foo"), 4, "source \"foo\" is not an address"},
    {LINK_WITH("gateway fe80::1%wan3"), 4, "leave % and what follows away"},
    {LINK_WITH("gateway gw.example.net"), 4, "write a numeric IPv4 or IPv6 address, or auto"},
    {LINK_WITH("gateway 127.0.0.1"), 4, "can't be used, it is a loopback address"},
    {LINK_WITH("gateway ::1"), 4, "can't be used, it is the loopback address"},
    {LINK_WITH("gateway ::"), 4, "can't be used, it is the unspecified address"},
    {LINK_WITH("gateway ff02::1"), 4, "can't be used, it is a multicast address"},
    {LINK_WITH("gateway ::ffff:192.0.2.1"), 4, "write it as IPv4"},
    {LINK_WITH("target 224.0.0.1"), 4, "can't be used, it is a multicast address"},
    {LINK_WITH("target 255.255.255.255"), 4, "can't be used, it is reserved"},
    {LINK_WITH("target 0.0.0.0"), 4, "can't be used, it is in 0.0.0.0/8"},
    {LINK_WITH("target fe80::1"), 4, "a link-local target is not possible"},
    {LINK_WITH("target www.example.net"), 4, "write a numeric IPv4 or IPv6 address, or gateway"},
    {LINK_WITH("gateway fe80::1\nprefix 2001:db8::1/48"), 5, "is not an IPv6 prefix"},
    {LINK_WITH("gateway fe80::1\nprefix 2001:db8::"), 5, "is not an IPv6 prefix"},
    {LINK_WITH("gateway fe80::1\nprefix 192.0.2.0/24"), 5, "is not an IPv6 prefix"},
    {LINK_WITH("gateway fe80::1\nprefix ::/0"), 5, "is no provider's prefix"},
    {LINK_WITH("gateway fe80::1\nprefix fe80::/64"), 5, "is no provider's prefix"},
    {LINK_WITH("gateway fe80::1\nprefix 2000::/3"), 5, "is no provider's prefix"},
    {LINK_WITH("nat snat foo"), 4, "snat \"foo\" is not an address"},
    {LINK_WITH("nat snat 2001:db8::1"), 4, "nat snat needs an IPv4 address: use nat6"},
    {LINK_WITH("nat6 snat 192.0.2.1"), 4, "nat6 snat needs an IPv6 address: use nat"},
    {"nat snat 192.0.2.1\n" AB, 1, "nat snat names an address of one link"},
    {"nat6 snat 2001:db8::1\n" AB, 1, "nat6 snat names an address of one link"},

    /* masks and ranges */
    {"mark mask 7ff00\n" AB, 1, "is not a mask: write 32 bits in hexadecimal"},
    {"mark mask 0x\n" AB, 1, "is not a mask"},
    {"mark mask 0x-1\n" AB, 1, "is not a mask"},
    {"mark mask 0x1ffffffff\n" AB, 1, "is not a mask"},
    {"mark mask 0x0\n" AB, 1, "is too narrow"},
    {"mark mask 0x100\n" AB, 1, "is too narrow"},
    {"mark mask 0x500\n" AB, 1, "has a gap"},
    {"\nmark mask 0x300\n" AB, 2, "has room for 1 link, but there are 2: widen it"},
    {"mark mask 0x700\nlink c { interface wan3; gateway auto\nindex 4 }\n" LINK_A, 3,
     "index 4 is too large for mark mask 0x700, which holds up to 3"},
    {"table 0\n" AB, 1, "the tables 0 to 1022 would meet the system's own"},
    {"table 253\n" AB, 1, "would meet the system's own (0, 253 to 255)"},
    {"snmp { default timeout 1500ms }\n" AB, 1, "default timeout is in whole seconds"},
    {"snmp { notify limit 1m }\n" AB, 1, "notify limit"},
    {"snmp { notify target yes }\n" AB, 1, "expected limit or targets"},
    {"notify limit 5\n" AB, 1, "does not belong here: it is a setting of the SNMP side"},

    /* links */
    {"# nothing\n\n", 2, "there is no link"},
    {"", 1, "there is no link"},
    {AB "link c {\ngateway 192.0.2.3\n}\n", 3, "link \"c\" has no interface"},
    {AB "link c {\ninterface wan3\n}\n", 3, "link \"c\" has no gateway"},
    {AB "link a {\ninterface wan3; gateway auto\n}\n", 3, "link \"a\" stands in line 1 already"},
    {AB "link c {\ninterface wan1\ngateway 192.0.2.1\n}\n", 5,
     "interface and IPv4 gateway are those of link \"a\" in line 1"},
    {AB "link c {interface wan3; gateway auto}\nlink d {interface wan3\ngateway auto inet6}", 5,
     "interface and IPv6 gateway are those of link \"c\" in line 3"},
    {LINK_WITH("index 7") "link d {interface wan4; gateway auto\nindex 7}\n", 9,
     "index 7 belongs to link \"c\" in line 1"},
    {AB "index a 7\nindex b 7\n", 4, "this name or index has a line already, line 3"},
    {AB "index a 7\nindex a 8\n", 4, "this name or index has a line already, line 3"},
    {AB "index \"a\\n\" 3\n", 3, "the link's name has a \\ that stands for nothing"},
    {AB "index a 1023\n", 3, "index \"1023\" is out of range"},
    {LINK_WITH("index 7") "index a 7\n", 8, "index 7 belongs to link \"c\" in line 1"},
    {LINK_WITH("index 7") "index c 8\n", 8, "link \"c\" has index 7 in line 4"},

    /* targets */
    {LINK_WITH("target 203.0.113.1\ntarget 203.0.113.2\ntarget 203.0.113.1"), 6,
     "this target stands in line 4 of the same link already"},
    {LINK_WITH("target gateway\n\ntarget gateway inet"), 6, "this target stands in line 4"},
    {LINK_WITH("target 2001:db8::1"), 4, "this target is IPv6, but the link has no IPv6 gateway"},
    {LINK_WITH("target gateway inet6"), 4, "this target is IPv6, but the link has no IPv6 gateway"},
    {LINK_WITH("source 2001:db8::1"), 4, "this source is IPv6, but the link has no IPv6 gateway"},
    {LINK_WITH("prefix 2001:db8::/48"), 4, "the link has a prefix, but no IPv6 gateway"},
    {LINK_WITH("quorum 2"), 4, "quorum 2, but the link has 1 IPv4 target: lower it"},
    {LINK_WITH("target 203.0.113.1\ntarget 203.0.113.2\nquorum 3"), 6, "has 2 IPv4 targets"},
    {LINK_WITH("gateway fe80::1\ntarget 203.0.113.1\ntarget 203.0.113.2\nquorum 2"), 7,
     "quorum 2, but the link has 1 IPv6 target: lower it, or add targets"},
    {"link c {\ninterface wan3\ngateway auto\nquorum 2\n}\n" AB, 4,
     "quorum 2, but the link has 1 IPv4 target"},
    {"interval 10ms; timeout 1s; down after 100\n" AB, 1,
     "keeps 100 probes of a target unanswered, more than 32"},
    {"interval 300ms\n\ntimeout 901ms\n" AB, 3,
     "timeout 901ms is longer than a run of 3 lost probes takes (900ms): it would be over before "
     "its first loss is known. Set the timeout to 900ms or less, or down after to 4 or more"},
    {"timeout 1s\n" LINK_WITH("down after 2\ntarget 203.0.113.1 { interval 400ms }"), 6,
     "timeout 1s is longer than a run of 2 lost probes takes (800ms)"},
    {LINK_WITH("target 203.0.113.1 { timeout 3s\ndown after 2 }\ntarget 203.0.113.2"), 4,
     "or down after to 3 or more"},
    {"timeout 33s\n" AB, 1, "set the timeout to 32s or less"},
    {LINK_WITH("interval 30ms\ntimeout 961ms"), 5, "set the timeout to 960ms or less"},
    {LINK_WITH("timeout 1s\ntarget 203.0.113.1 {\ninterval 20ms; down after 50 }"), 6,
     "keeps 50 probes"},

    /* programs on events */
    {"on linkdown run \"/bin/true\"\n" AB, 1,
     "there is no event \"linkdown\": did you mean linkDown?"},
    {"on everything run \"/bin/true\"\n" AB, 1, "there is no event \"everything\""},
    {"on linkDown linkUp\n" AB, 1, "the statement ends too early"},
    {"on run \"/bin/true\"\n" AB, 1, "unexpected \"run\""},
    {"on any run \"true\"\n" AB, 1, "needs its whole path"},
    {"on any run \"/bin/true\" a b c d e f g h i\n" AB, 1, "more than 8 arguments"},
    {"on any run \"/bin/true\" \"bell\x07\"\n" AB, 1, "the argument has a control character"},
    {"on any run \"/bin/true\" user a user b\n" AB, 1, "the user of this program is set twice"},
    {"on any run \"/bin/true\" user \"\"\n" AB, 1, "user is empty"},
    {"on any run \"/bin/true\" timeout 0\n" AB, 1, "is out of range: it may be 1s to 1h"},
    {"on any run \"/bin/true\" timeout soon\n" AB, 1, "is not a time"},
    {"on any run \"/a\"\n\non any run \"/a\"\n" AB, 3, "this program stands in line 1 already"},
    {"run \"/bin/true\"\n" AB, 1, "unknown setting \"run\""},

    /* judgement */
    {"limit loss 5% leave 20%\n" AB, 1, "limit loss 5% leave 20%: it would be left before it is"},
    {"limit rtt 300ms\n\nlimit jitter 50ms leave 50ms\n" AB, 3, "set leave below 50ms"},
    {LINK_WITH("limit rtt 200ms leave 1s"), 4, "limit rtt 200ms leave 1s"},
    {"limit loss 5% leave 101%\n" AB, 1, "limit loss leave \"101%\" is out of range: it may be 0%"},
    {"limit loss 5%\nlimit loss no\n" AB, 2, "limit loss is set twice"},
    {"limit loss\n" AB, 1, "the statement ends too early: expected a value or no"},
    {"limit los 5%\n" AB, 1, "unexpected \"los\": did you mean \"loss\"?"},
    {"limit rtt 1s leave 500ms\n" AB, 1, "limit rtt 1s is never reached: after the timeout of 1s"},
    {LINK_WITH("timeout 200ms\nlimit rtt 300ms"), 5, "never reached: after the timeout of 200ms"},
    {"when degraded\n" AB, 1, "expected last, leave, stay or weight"},
    {"when degraded weight 0\n" AB, 1, "when degraded weight \"0\" is out of range"},
    {"when degraded weight 2\nlimit loss 5%\n" AB, 1, "more traffic than its weight 1: lower it"},
    {LINK_WITH("weight 3\nwhen degraded weight 4"), 5, "gives link \"c\" more traffic"},
    {LINK_WITH("when degraded last\nwhen degraded stay"), 5, "when degraded is set twice"},
    {"flap reuse 3000\n" AB, 1,
     "flap reuse 3000 is not below suppress 3000: a link would be free before it is suppressed. "
     "Set reuse below 3000"},
    {"flap reuse 2000\n" LINK_WITH("flap suppress 1500"), 5, "flap reuse 2000 is not below"},
    {"flap ceiling 2500\n" AB, 1,
     "flap ceiling 2500 is below suppress 3000: no link would ever be suppressed. Set ceiling to "
     "3000 or more"},
    {"flap suppress 4000 suppress 5000\n" AB, 1, "flap suppress is set twice"},
    {"flap no\nflap suppress 4000\n" AB, 1, "flap no, but line 2 says how to damp"},
    {"flap half 2m\n" AB, 1, "unexpected \"2m\": expected life"},
    {"flap\n" AB, 1, "the statement ends too early"},
    {LINK_WITH("target 203.0.113.1 { flap no }"), 4, "\"flap\" does not belong here"},

    /* methods */
    {LINK_WITH("target 203.0.113.1 icmp size 15"), 4,
     "size \"15\" is out of range: it may be 16 to 8952"},
    {LINK_WITH("target 203.0.113.1 icmp size big"), 4, "size \"big\" is not a number"},
    {LINK_WITH("target 203.0.113.1 icmp size 20 size 20"), 4, "size is set twice"},
    {LINK_WITH("target 203.0.113.1 icmp ttl 0"), 4,
     "ttl \"0\" is out of range: it may be 1 to 255"},
    {LINK_WITH("target 203.0.113.1 icmp ttl 256"), 4, "ttl \"256\" is out of range"},
    {LINK_WITH("target 203.0.113.1 icmp tll 3"), 4, "did you mean \"ttl\"?"},
    {LINK_WITH("target 203.0.113.1 size 20"), 4, "unexpected \"size\": expected"},
    {LINK_WITH("target 203.0.113.1 tcp"), 4, "expected port"},
    {LINK_WITH("target 203.0.113.1 tcp port"), 4, "expected a value"},
    {LINK_WITH("target 203.0.113.1 tcp port 0"), 4,
     "port \"0\" is out of range: it may be 1 to 65535"},
    {LINK_WITH("target 203.0.113.1 tcp port 65536"), 4, "port \"65536\" is out of range"},
    {LINK_WITH("target 203.0.113.1 tcp port http"), 4, "(put it in quotes to use it as such)"},
    {LINK_WITH("target 203.0.113.1 tcp port 80 ttl 3"), 4, "unexpected \"ttl\""},
    {LINK_WITH("target 203.0.113.1 tcp port 80\ntarget 203.0.113.1 tcp port 80"), 5,
     "stands in line 4 of the same link already"},
    {LINK_WITH("target 203.0.113.1 dns"), 4, "expected query"},
    {LINK_WITH("target 203.0.113.1 dns query \"\""), 4,
     "the name to query has labels of 1 to 63 letters"},
    {LINK_WITH("target 203.0.113.1 dns query \"a..b\""), 4, "the name to query has labels"},
    {LINK_WITH("target 203.0.113.1 dns query \".a\""), 4, "the name to query has labels"},
    {LINK_WITH("target 203.0.113.1 dns query \"a b\""), 4, "the name to query has labels"},
    {LINK_WITH("target 203.0.113.1 dns query \"" LABEL_64 "\""), 4, "the name to query has labels"},
    {LINK_WITH("target 203.0.113.1 dns query \"" LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63
	       "\""),
     4, "the name to query is longer than 253 octets"},
    {LINK_WITH("target 203.0.113.1 dns query a type b"), 4,
     "type \"b\" is not known: write a, ns, cname, soa, ptr, mx, txt, aaaa or srv"},
    {LINK_WITH("target 203.0.113.1 dns query a type a type a"), 4, "type is set twice"},
    {LINK_WITH("target 203.0.113.1 dns query a rcode ok"), 4,
     "rcode \"ok\" is not known: write noerror, servfail, nxdomain, refused or any"},
    {LINK_WITH("target 203.0.113.1 dns query a rcode any type a rcode any"), 4,
     "rcode is set twice"},
    {LINK_WITH("target 203.0.113.1 dns query a port 5353"), 4, "unexpected \"port\""},
    {LINK_WITH("target 203.0.113.1 dns query A\ntarget 203.0.113.1 dns query a."), 5,
     "stands in line 4 of the same link already"},
    {LINK_WITH("target 203.0.113.1 arp"), 4, "write target gateway arp"},
    {LINK_WITH("target 2001:db8::1 nd"), 4, "write target gateway nd"},
    {LINK_WITH("target gateway nd"), 4, "this target is IPv6, but the link has no IPv6 gateway"},
    {LINK_WITH("target gateway inet nd"), 4, "nd is for IPv6: use arp here"},
    {LINK_WITH("target gateway inet6 arp"), 4, "arp is for IPv4: use nd here"},

    /* budgets */
    {"budget 99K per day\n" AB, 1, "budget \"99K\" is out of range: it may be 100K to 1000G"},
    {"budget 10 MB per day\n" AB, 1, "unexpected \"MB\""},
    {"budget 10m per day\n" AB, 1, "is not a number of octets"},
    {"budget 10M\n" AB, 1, "expected per"},
    {"budget 10M per day\nbudget no\n" AB, 2, "budget is set twice"},
    {LINK_WITH("budget 400K per day\ntarget 203.0.113.1 https"), 4,
     "is too little for the 1 targets of link \"c\", each of which needs a probe in an hour: give "
     "it 432K"},
    /* services and programs */
    {LINK_WITH("target 203.0.113.1 http host \"a b\""), 4, "the host is a name or an address"},
    {LINK_WITH("target 203.0.113.1 http host \"a:80\""), 4, "the host is a name or an address"},
    {LINK_WITH("target 203.0.113.1 http host \"\""), 4, "the host is a name or an address"},
    {LINK_WITH("target 203.0.113.1 http path x"), 4, "the path begins with /"},
    {LINK_WITH("target 203.0.113.1 https path \"/a b\""), 4, "the path begins with /"},
    {LINK_WITH("target 203.0.113.1 https path \"/#a\""), 4, "the path begins with /"},
    {LINK_WITH("target 203.0.113.1 http expect \"\""), 4, "the expected text is empty"},
    {LINK_WITH("target 203.0.113.1 http ca /etc/x"), 4, "ca is for https"},
    {LINK_WITH("target 203.0.113.1 https ca x"), 4, "ca needs the path of a file"},
    {LINK_WITH("target 203.0.113.1 http path / path /"), 4, "path is set twice"},
    {LINK_WITH("target 203.0.113.1 http status 199"), 4, "status \"199\" is out of range"},
    {LINK_WITH("target 203.0.113.1 http port 0"), 4, "port \"0\" is out of range"},
    {LINK_WITH("target 203.0.113.1 http \"http://a/\""), 4, "unexpected \"http://a/\""},
    {LINK_WITH("target 203.0.113.1 command x"), 4, "the command needs the path of a program"},
    {LINK_WITH("target 203.0.113.1 command"), 4, "the statement ends too early"},
    {LINK_WITH("target 203.0.113.1 command /x port"), 4, "put it in quotes to use it as such"},
    {LINK_WITH(
	 "target 203.0.113.1 command /x 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
	 "22 23 24 25 26 27 28 29 30 31 32"),
     4, "the command has more than 32 words"},
    {LINK_WITH("target 203.0.113.1 command /x " OCTETS_256 " " OCTETS_256 " " OCTETS_256
	       " " OCTETS_256),
     4, "the command with its arguments is longer than 1024 octets"},
    {LINK_WITH("target 203.0.113.1 http path /a\ntarget 203.0.113.1 http path /a"), 5,
     "stands in line 4 of the same link already"},
    {LINK_WITH("target 203.0.113.1 command /a b\ntarget 203.0.113.1 command /a b"), 5,
     "stands in line 4 of the same link already"},
};

/* Each of them is told, on its line, and nothing else is. */
static void
test_mistakes(void **state)
{
	(void)state;
	expect_mistakes(mistakes, ARRAY_LEN(mistakes));
}

static void
test_nul(void **state)
{
	static const char in_text[] = "site \"a\0b\"\n" AB, in_word[] = "si\0te x\n" AB,
			  in_comment[] = "# a\0b\n" AB,
			  in_address[] = LINK_WITH("target 203.0.113.1\0");
	struct reading r;

	(void)state;
	read_conf_octets(&r, in_text, sizeof in_text - 1);
	assert_int_equal(r.nsaid, 1);
	assert_non_null(strstr(r.said[0].message, "site has a control character"));
	read_conf_octets(&r, in_word, sizeof in_word - 1);
	assert_int_equal(r.nsaid, 1);
	assert_non_null(strstr(r.said[0].message, "unknown setting \"si\\x00te\""));
	read_conf_octets(&r, in_address, sizeof in_address - 1);
	assert_int_equal(r.nsaid, 1);
	assert_int_equal(r.said[0].line, 4);
	read_conf_octets(&r, in_comment, sizeof in_comment - 1);
	assert_non_null(r.conf);
	forget_conf(&r);
}

/* One run names all of them, and goes on after each. */
static void
test_many_mistakes(void **state)
{
	static const char text[] = "intervall 3\n"              /* 1 */
				   "hold 3 4; tier 3\n"         /* 2, 2 */
				   "lnk x {\n"                  /* 3 */
				   "  interface a; { }\n"       /* skipped with its block */
				   "}\n"                        /* */
				   "link {\n"                   /* 6 */
				   "  nonsense }\n"             /* skipped */
				   "link c\n"                   /* */
				   "{\n"                        /* */
				   "  interface auto\n"         /* 10 */
				   "  target 1.2.3.4 icmpp {\n" /* 11 */
				   "    interval x\n"           /* skipped */
				   "  }\n"                      /* */
				   "  target 1.2.3.4 {\n"       /* */
				   "    interval x; hold 3\n"   /* 15, 15 */
				   "  }\n"                      /* */
				   "  weight 0 }\n"             /* 17 */
				   "snmp { agentx x }\n";       /* 18 */
	static const int lines[] = {1, 2, 2, 3, 6, 10, 11, 15, 15, 17, 18};
	struct reading r;

	(void)state;
	read_conf(&r, text);
	if (r.nsaid != ARRAY_LEN(lines))
		show_said(&r);
	assert_int_equal(r.nsaid, ARRAY_LEN(lines));
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		assert_int_equal(r.said[i].line, lines[i]);
}

/* What a broken statement may have said is not missed a second time. */
static void
test_no_second_blame(void **state)
{
	static const char *const texts[] = {
	    AB "link c {\ninterfac wan3\ngateway auto }",
	    AB "link c {\ngatway 192.0.2.3\ninterface wan3; target 203.0.113.1; source 192.0.2.3 }",
	    AB "link c {\ngateway 2001:db8::1::\nprefix 2001:db8::/48; interface wan3 }",
	    AB "link c {\ntarget 203.0.113.x\nquorum 2; interface wan3; gateway 192.0.2.3 }",
	    AB "link c {\ntarget x\ntarget y; interface wan3; gateway 192.0.2.3 }",
	    "\n\n\nlinc c { }",
	};
	static const unsigned expected[] = {1, 1, 1, 1, 2, 1};
	struct reading r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		read_conf(&r, texts[i]);
		if (r.nsaid != expected[i])
			show_said(&r);
		assert_int_equal(r.nsaid, expected[i]);
		assert_int_equal(r.said[0].line, 4);
	}
}

/* A block that was skipped is not the one that lacks its end. */
static void
test_open_block(void **state)
{
	struct reading r;

	(void)state;
	read_conf(&r, "\nlink c {\n{\n}\nlink { x {\n }\n }\ninterface x\n");
	assert_int_equal(r.nsaid, 3);
	assert_int_equal(r.said[0].line, 3);
	assert_int_equal(r.said[1].line, 5);
	assert_string_equal(r.said[2].message,
			    "the block that begins in line 2 is not closed: add }");
}

static const struct mistake warnings[] = {
    {AB, 0, NULL},
    {"\n" LINK_A, 2, "there is one link only"},
    {LINK_A "link c { interface wan3; gateway 192.0.2.3 }\n", 2,
     "link \"c\" is judged by its gateway alone, and"},
    {LINK_A "link c { interface wan3; gateway 192.0.2.3; target gateway }\n", 2,
     "link \"c\" is judged by its gateway alone, and"},
    {LINK_A "link c { interface wan3; target 192.0.2.3; gateway 192.0.2.3 }\n", 2,
     "link \"c\" is judged by its gateway alone, and"},
    {LINK_A "link c { interface wan3; gateway 192.0.2.3; target 203.0.113.1 }\n", 2,
     "link \"c\" has one IPv4 target only"},
    {LINK_A "link c { interface wan3; gateway auto; target 203.0.113.1; target 203.0.113.2 }\n", 2,
     "by its gateway alone for IPv6: add a target, or say gateway auto inet"},
    {LINK_A "link c { interface wan3; gateway auto; quorum 2; target 203.0.113.1; target "
	    "203.0.113.2 }\n",
     2, "by its gateway alone for IPv6: add a target, or say gateway auto inet"},
    {LINK_A
     "link c { interface wan3; gateway 192.0.2.3; gateway fe80::1; target 2001:db8::1; target "
     "2001:db8::2 }\n",
     2, "by its gateway alone for IPv4: add a target, or leave this gateway away"},
    {"interval 300ms\n" AB, 0, NULL},
    {"interval 300ms; timeout 900ms\n" AB, 0, NULL},
    {"\nwhen degraded last\n" AB, 2, "no effect on link \"a\": it has no limit"},
    {"when degraded weight 1; limit loss 5%\n" AB, 1, "it is its weight anyway"},
    {"when degraded stay\n" AB, 0, NULL},
};

static void
test_warnings(void **state)
{
	(void)state;
	expect_warnings(warnings, ARRAY_LEN(warnings));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mistakes),      cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_many_mistakes), cmocka_unit_test(test_no_second_blame),
	    cmocka_unit_test(test_open_block),    cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

<?php

// SPDX-License-Identifier: ISC
// Made from UPLINK-MIB by contrib/nms/generate: change that.
//
// LibreNMS/Snmptrap/Handlers/Uplinkd.php: an entry of the event log for every notification of uplinkd.
// In config/snmptraps.php, in 'trap_handlers':
//
//     'UPLINK-MIB::uplinkStarted' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkLinkDown' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkLinkUp' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkDegraded' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkRecovered' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkFlapping' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkSettled' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkFailover' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkFailback' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkAllDown' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkAllDownClear' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkDrainStarted' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkDrained' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkDrainYielded' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkDrainResumed' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkControlSet' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkControlExpired' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkRouteFailed' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkRouteRepaired' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkTargetDown' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkTargetUp' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,
//     'UPLINK-MIB::uplinkEventsReplay' => \LibreNMS\Snmptrap\Handlers\Uplinkd::class,

namespace LibreNMS\Snmptrap\Handlers;

use App\Models\Device;
use LibreNMS\Enum\Severity;
use LibreNMS\Interfaces\SnmptrapHandler;
use LibreNMS\Snmptrap\Trap;

class Uplinkd implements SnmptrapHandler
{
    private const TEXTS = [
        'UPLINK-MIB::uplinkStarted' => [Severity::Info, '%s: started (%s) %s', ['uplinkSite', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkLinkDown' => [Severity::Error, '%s: link down of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkLinkUp' => [Severity::Ok, '%s: link up of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkDegraded' => [Severity::Warning, '%s: degraded of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkRecovered' => [Severity::Ok, '%s: recovered of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkFlapping' => [Severity::Warning, '%s: flapping of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkSettled' => [Severity::Ok, '%s: settled of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkFailover' => [Severity::Warning, '%s: failover of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkFailback' => [Severity::Ok, '%s: failback of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkAllDown' => [Severity::Error, '%s: all down (%s) %s', ['uplinkSite', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkAllDownClear' => [Severity::Ok, '%s: all down clear (%s) %s', ['uplinkSite', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkDrainStarted' => [Severity::Info, '%s: drain started of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkDrained' => [Severity::Info, '%s: drained of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkDrainYielded' => [Severity::Warning, '%s: drain yielded of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkDrainResumed' => [Severity::Ok, '%s: drain resumed of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkControlSet' => [Severity::Info, '%s: control set of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkControlExpired' => [Severity::Info, '%s: control expired of link %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkRouteFailed' => [Severity::Error, '%s: route failed of link %s IPv%s (%s) %s', ['uplinkSite', 'uplinkEventLinkName', 'uplinkEventVersion', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkRouteRepaired' => [Severity::Ok, '%s: route repaired of link %s IPv%s (%s) %s', ['uplinkSite', 'uplinkEventLinkName', 'uplinkEventVersion', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkTargetDown' => [Severity::Warning, '%s: target down of link %s target %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventTarget', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkTargetUp' => [Severity::Ok, '%s: target up of link %s target %s (%s) %s', ['uplinkSite', 'uplinkLinkName', 'uplinkEventTarget', 'uplinkEventReason', 'uplinkEventText']],
        'UPLINK-MIB::uplinkEventsReplay' => [Severity::Warning, '%s: events replay (%s) %s from event %s to %s', ['uplinkSite', 'uplinkEventReason', 'uplinkEventText', 'uplinkEventReplayFirst', 'uplinkEventReplayLast']],
    ];

    public function handle(Device $device, Trap $trap)
    {
        [$severity, $text, $objects] = self::TEXTS[$trap->getTrapOid()] ?? [Severity::Unknown, $trap->getTrapOid(), []];
        $values = array_map(fn ($name) => $trap->getOidData($trap->findOid('UPLINK-MIB::' . $name)), $objects);
        $trap->log(vsprintf($text, $values), $severity, 'uplinkd');
    }
}

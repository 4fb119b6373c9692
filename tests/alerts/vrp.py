# SPDX-License-Identifier: Apache-2.0
"""Lines as Huawei's VRP devices write them, with the time of now."""
import datetime

OID = "OID 1.3.6.1.4.1.2011.6.122.26.6."
HQ, BR = "198.51.100.1", "203.0.113.7"
PAIR = f"{HQ}~{BR}"
FLOW = "Source:10.1.{0}.0-10.1.{0}.255 Destination:10.2.{0}.0-10.2.{0}.255 Port:0-0 Protocol:0 DSCP:-"


def stamp(ago=0):
    when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago)
    return when.strftime("%b %d %Y %H:%M:%S+00:00")


def when(line):
    """The time of a line, as alerts have it."""
    text = line[line.index(">") + 1:].split("+00:00")[0]
    return datetime.datetime.strptime(text, "%b %d %Y %H:%M:%S").strftime("%Y-%m-%dT%H:%M:%S.000Z")


def head(device, name, pri, ago):
    return f"<{pri}>{stamp(ago)} {device} %%01IPSEC/{pri & 7}/{name}(l)[1]:"


def up(device, local, peer, index, rule=5, ago=0):
    return (head(device, "IPSECTUNNELSTART", 188, ago) + OID + "1 The IPSec tunnel is established. "
            f"(Ifindex=9, SeqNum=1,TunnelIndex={index}, RuleNum={rule}, DstIP={peer}, InsideIP=0.0.0.0, RemotePort=500, "
            f"CpuID=0, SrcIP={local}, FlowInfo={FLOW.format(rule)}, LifeSize=5242880, LifeTime=3600, VsysName=public, "
            "InterfaceName=GigabitEthernet1/0/4, SlotID=11, Role=Initiator)")


def down(device, local, peer, index, reason="dpd timeout", rule=5, ago=0):
    return (head(device, "IPSECTUNNELSTOP", 188, ago) + OID + "2 The IPSec tunnel is deleted. "
            f"(Ifindex=9, SeqNum=1,TunnelIndex={index}, RuleNum={rule}, DstIP={peer}, InsideIP=0.0.0.0, RemotePort=4500, "
            f"CpuID=0, SrcIP={local}, FlowInfo={FLOW.format(rule)}, OfflineReason={reason}, VsysName=public, "
            "InterfaceName=GigabitEthernet1/0/4, SlotID=11)")


def torn(device, local, peer, spi, reason="dpd timeout", rule=5, ago=0):
    return (head(device, "IPSEC_TUNNEL_TEARED_DOWN", 189, ago) + "An IPSec tunnel is teared down. "
            f"(PolicyName=map1, IfIndex=9, SeqNum=1, RuleNum={rule}, SrcIP={local}, DstIP={peer}, InboundSPI={spi}, "
            f"Slot=11, CpuID=0, OfflineReason={reason}, State=Normal)")


def fail(device, peer, reason="authentication fail", ago=0):
    return (head(device, "IPSECNEGOFAIL", 188, ago) + OID + "14 IPSec tunnel negotiation fails. "
            f"(Ifindex=9, SeqNum=1, Reason={reason}, ReasonCode=3, PeerAddress={peer}, PeerPort=500, VsysName=public, "
            "InterfaceName=GigabitEthernet1/0/4, ConnID=16777217)")

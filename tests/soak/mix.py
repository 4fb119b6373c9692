# SPDX-License-Identifier: Apache-2.0
"""What flows: ordinary syslog, and among it VPN lines of many vendors, each with a number by which it is found again."""
import datetime
import re
from typing import NamedTuple

SHARE = 40     # one line in so many is a VPN line
TUNNELS = 40   # of a vendor that only flow by
DEVICES = 4    # that these belong to

# A relay numbers what it hands on.
HEAD = '<{pri}>1 {iso} {host} {program} {process} - [soak@32473 n="{n}"] '
NUMBER = re.compile(rb'soak@32473 n=\\"(\d+)\\"')  # as it stands in an event

USG = ("%%01IPSEC/4/IPSECTUNNEL{}(l)[1]:OID 1.3.6.1.4.1.2011.6.122.26.6.{} (Ifindex=9, SeqNum=1,TunnelIndex={{i}}, "
       "RuleNum=5, DstIP={{peer}}, InsideIP=0.0.0.0, RemotePort=500, CpuID=0, SrcIP={{local}}, "
       "FlowInfo=Source:10.1.0.0-10.1.0.255 Destination:10.2.0.0-10.2.0.255 Port:0-0 Protocol:0 DSCP:-, {}, VsysName=public, "
       "InterfaceName=GigabitEthernet1/0/4, SlotID=11)").format
FGT = ('date={{date:%Y-%m-%d}} time={{date:%H:%M:%S}} devname="{{host}}" devid="FGT60F0000000001" eventtime={{ns}} '
       'tz="+0000" logid="{}" type="event" subtype="vpn" level="notice" vd="root" {} remip={{peer}} locip={{local}} '
       'remport=500 locport=500 outintf="wan1" cookies="75da2b97aacbbfef/89b1d990f54f0b82" user="N/A" '
       'vpntunnel="HQ{{i}}" tunnelid={{i}} tunneltype="ipsec"').format
PA = ('1,{{date:%Y/%m/%d %H:%M:%S}},007954000351998,SYSTEM,vpn,2560,{{date:%Y/%m/%d %H:%M:%S}},,{},HQ{{i}},0,0,general,'
      'informational,"{}: {{local}}[500]-{{peer}}[500] {}",{{n}},0x0,0,0,0,0,,{{host}},0,0').format
SRX = ("KMD_VPN_{}_ALARM_USER: VPN HQ{{i}} from {{peer}} is {}. Local-ip: {{local}}, gateway name: GW{{i}}, vpn name: "
       "HQ{{i}}, tunnel-id: 131073, local tunnel-if: st0.0, remote tunnel-ip: Not-Available, Local IKE-ID: {{local}}, "
       "Remote IKE-ID: {{peer}}, AAA username: Not-Applicable, VR id: 0, Traffic-selector: , SA Type: Static").format
IOS = "%CRYPTO-5-IKEV2_SESSION_STATUS: Crypto tunnel v2 is {}.  Peer {{peer}}:500       Id: {{peer}}".format


class Vendor(NamedTuple):
    device: str
    pri: int
    program: str
    process: str
    says: str               # again and again; a tunnel that was down is up by it
    down: str = ""
    subject: str = "{local}~{peer}"  # of the alert
    strangers: bool = False  # each line is about another peer, or it would say the same again


VENDORS = [
    Vendor("usg", 188, "-", "-", USG("START", "1 The IPSec tunnel is established.", "LifeSize=5242880, LifeTime=3600"),
           USG("STOP", "2 The IPSec tunnel is deleted.", "OfflineReason=dpd timeout")),
    Vendor("fgt", 189, "-", "-", FGT("0101037138", 'msg="IPsec connection status change" action="tunnel-up"'),
           FGT("0101037138", 'msg="IPsec connection status change" action="tunnel-down"')),
    Vendor("pa", 14, "-", "-", PA("ike-nego-p2-succ", "IKE phase-2 negotiation is succeeded as initiator, quick mode. "
                                  "Established SA", "message id:0x43D09801, SPI:0xA1CD9101/0xF9A3C201."),
           PA("ike-nego-p1-dpd-dn", "IKE phase-1 SA is down determined by DPD. Initiated SA",
              "cookie:84222f276c2fa201:6e2a3f1b77c0d401.")),
    Vendor("srx", 29, "kmd", "9812", SRX("UP", "up"), SRX("DOWN", "down")),
    Vendor("ios", 189, "-", "-", IOS("UP"), IOS("DOWN"), "{host}/{peer}"),
    Vendor("swan", 30, "charon", "1200", "14[IKE] <hq{i}|{i}> IKE_SA hq{i}[{i}] rekeyed between {local}[a]...{peer}[b]"),
    Vendor("libre", 86, "pluto", "1234", '"east{i}" #{i}: initiator established Child SA using #1; IPsec tunnel '
           "[192.0.1.0/24===192.0.2.0/24] {{ESP/ESN=>0x0badcafe <0x0badcaff xfrm=AES_GCM_16_256 DPD=passive}}"),
    Vendor("asa", 165, "-", "-", "%ASA-5-713119: Group = {peer}, IP = {peer}, PHASE 1 COMPLETED"),
    Vendor("ftd", 165, "-", "-", "%FTD-5-750006: Local:{local}:500 Remote:{peer}:500 Username:Unknown IKEv2 SA UP. "
           "Reason: New Connection Established"),
    Vendor("tik", 30, "-", "-", "ipsec,info ISAKMP-SA established {local}[500]-{peer}[500] "
           "spi:1a2b3c4d5e6f7081:8192a3b4c5d6e7f8"),
    Vendor("cp", 134, "CheckPoint", "19710", '[action:"Key Install"; origin:"{local}"; community:"hq"; cookiei:"a1"; '
           'ike::"Quick Mode completion"; peer_gateway:"{peer}"; scheme::"IKE"; vpn_feature_name:"IKE"; ]'),
    Vendor("bsd", 30, "iked", "18026", "spi=0x{i:016x}: established peer {peer}:500[FQDN/a] local {local}:500[FQDN/b] "
           "policy 'policy{i}' as initiator (enc aes-128-gcm group curve25519 prf hmac-sha2-256)"),
    Vendor("clav", 134, "-", "-", "id=1800908 event=ipsec_sa_rekeyed [message=IPsec SA rekeyed, Source IP: {local}, "
           "Destination IP: {peer}, Inbound SPI: 0x11111111, Outbound SPI: 0x22222222). local_ip={local} remote_ip={peer} ]"),
    # Of nobody's tunnels: the Internet knocks.
    Vendor("asa-x", 164, "-", "-", "%ASA-4-750003: Local:{local}:500 Remote:{peer}:500 Username:Unknown IKEv2 Negotiation "
           "aborted due to ERROR: Failed to authenticate the IKE SA", strangers=True),
    Vendor("fgt-x", 187, "-", "-", FGT("0101037124", 'msg="IPsec phase 1 error" action="negotiate" status="negotiate_error" '
                                       'reason="peer SA proposal not match local policy"'), strangers=True),
    Vendor("srx-x", 27, "kmd", "9812", "IKE negotiation failed with error: No proposal chosen. IKE Version: 1, VPN: HQ "
           "Gateway: GW, Local: {local}/500, Remote: {peer}/500, Local IKE-ID: Not-Available, Remote IKE-ID: Not-Available, "
           "VR-ID: 0, Role: Initiator", strangers=True),
    Vendor("ovpn-x", 29, "openvpn", "658", "{peer}:40724 TLS Error: TLS handshake failed", strangers=True),
]


class Tunnel:
    """Of one vendor; net: of the addresses that its kind has."""

    def __init__(self, index, net, i, host):
        self.vendor = VENDORS[index]
        self.fields = {"i": i, "host": host, "local": f"198.{net}.{index}.{i}", "peer": f"203.{net}.{index}.{i}",
                       **self.vendor._asdict()}
        self.subject = self.vendor.subject.format_map(self.fields)

    def line(self, text, n, now):
        date = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
        fields = {**self.fields, "n": n, "ns": int(now * 1e6) * 1000, "date": date, "iso": f"{date:%Y-%m-%dT%H:%M:%S.%f}Z"}
        if self.vendor.strangers:
            fields["peer"] = f"41.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
        return (HEAD + text + "\n").format_map(fields).encode()

    def says(self, n, now):
        return self.line(self.vendor.says, n, now)

    def down(self, n, now):
        return self.line(self.vendor.down, n, now)


def flowing():
    """Tunnels that are up, and stay it."""
    return [Tunnel(index, 18, i, f"{it.device}{i % DEVICES}") for i in range(1, TUNNELS + 1)
            for index, it in enumerate(VENDORS)]


def dropping(count):
    """So many, of vendors that say when a tunnel is down; each has a device of its own."""
    of = [index for index, it in enumerate(VENDORS) if it.down]
    return [Tunnel(of[i % len(of)], 19, i // len(of) + 1, f"branch{i}") for i in range(count)]


def blocks(lines):
    """Ordinary lines, as many in each as stand before a VPN line."""
    step = SHARE - 1
    return [b"".join(lines[i:i + step]) for i in range(0, len(lines) - step, step)]

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"

#include <stdio.h>

void
gateway_line(char *text, size_t cap, size_t hubs, size_t i, size_t n, bool up)
{
	snprintf(text, cap,
	    "<188>Nov 18 2026 11:%02zu:%02zu+00:00 HQ%zu-USG6000 "
	    "%%%%01IPSEC/4/%s(l)[%zu]:OID "
	    "1.3.6.1.4.1.2011.6.122.26.6.%d The IPSec tunnel is %s. (Ifindex=9, "
	    "SeqNum=%zu,TunnelIndex=%zu, RuleNum=5, DstIP=%zu.%zu.%zu.7, "
	    "InsideIP=0.0.0.0, RemotePort=500, CpuID=0, SrcIP=198.51.100.33, "
	    "FlowInfo=Source:10.1.3.0-10.1.3.255 "
	    "Destination:10.%zu.%zu.0-10.%zu.%zu.255 "
	    "Port:0-0 Protocol:0 DSCP:-, %sVsysName=public, "
	    "InterfaceName=GigabitEthernet1/0/4, SlotID=11%s)",
	    10 + n / 60 % 40, n % 60, i % hubs,
	    up ? "IPSECTUNNELSTART" : "IPSECTUNNELSTOP", n, up ? 1 : 2,
	    up ? "established" : "deleted", i % 4000, i + 16777216, 11 + i / 65536,
	    i / 256 % 256, i % 256, i / 256 % 256, i % 256, i / 256 % 256, i % 256,
	    up ? "" : "OfflineReason=dpd timeout, ", up ? ", Role=Initiator" : "");
}

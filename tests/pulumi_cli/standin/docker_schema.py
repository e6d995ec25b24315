"""What the real Docker plug-in knows of its attributes, as facts in a table of the stand-in's own.

Nothing of it is taken from `moothall.pulumi_engine.protocol.resource_types`: an error in one of the two tables is to
show as a difference.
A line is an attribute by its name in programs, its shape, and what is true of it; fields of nested objects stand
indented below. `replaces`: a change needs another object; `computed`: what the program leaves out is what the engine
answered; `required`; `one`: a nested object that stands alone and not in a list; `answer`: programs cannot give it;
`quiet`: an empty text is no change. `=x` is the default, `~x` a pattern, `>=x` the least value; `duration` and `base64`
are forms of texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"
PATTERNS = {
    "~restart": "^(no|on-failure|always|unless-stopped)$",
    "~mount": "^(bind|volume|tmpfs)$",
    "~path": "^/",
    "~mode": "^0[0-7]{3}$",
    "~cpus": r"^\d+([,-]\d+)*$",
    "~label": "^(z|Z)$",
    "~propagation": "^(private|rprivate|shared|rshared|slave|rslave)$",
}


@dataclass(frozen=True)
class Attribute:
    """One attribute. `shape` is str, int, bool, map, list, set (of texts), or blocks, blockset (of objects)."""

    name: str
    shape: str
    default: Any = None
    form: str = ""
    least: int | None = None
    fields: Mapping[str, Attribute] = field(default_factory=dict)
    replaces: bool = False
    computed: bool = False
    required: bool = False
    one: bool = False
    answer: bool = False
    quiet: bool = False

    @property
    def is_block(self) -> bool:
        """Whether its members are objects."""
        return self.shape in ("blocks", "blockset")

    @property
    def is_set(self) -> bool:
        """Whether its members have no order."""
        return self.shape in ("set", "blockset")


MARKS = frozenset({"replaces", "computed", "required", "one", "answer", "quiet"})
CONTAINER_TABLE = """
name str required replaces
rm bool =false
readOnly bool =false replaces
start bool =true
wait bool =false
waitTimeout int =60
attach bool =false
logs bool =false
mustRun bool =true
exitCode int answer
containerLogs str answer
image str required replaces
hostname str replaces computed
domainname str replaces
command list replaces computed
entrypoints list replaces computed
user str replaces quiet
dns set replaces
dnsOpts set replaces
dnsSearches set replaces
publishAllPorts bool replaces
restart str =no ~restart
maxRetryCount int
workingDir str replaces quiet
removeVolumes bool =true
capabilities blockset one replaces
  adds set replaces
  drops set replaces
securityOpts set replaces computed
runtime str replaces computed
platform str replaces computed
stopSignal str replaces computed
stopTimeout int replaces computed
mounts blockset replaces
  target str required
  source str
  type str required ~mount
  readOnly bool
  bindOptions blocks one
    propagation str ~propagation
  volumeOptions blocks one
    noCopy bool
    labels blockset
      label str replaces required
      value str replaces required
    driverName str
    driverOptions map
    subpath str replaces
  tmpfsOptions blocks one replaces
    sizeBytes int
    mode int
volumes blockset replaces
  fromContainer str replaces
  containerPath str replaces
  hostPath str replaces ~path
  volumeName str replaces
  readOnly bool replaces
  selinuxRelabel str replaces ~label
tmpfs map
ports blocks replaces
  internal int required replaces
  external int replaces computed
  ip str =0.0.0.0 replaces
  protocol str =tcp replaces
hosts blockset replaces
  ip str required replaces
  host str required replaces
ulimits blockset replaces
  name str required replaces
  soft int required replaces
  hard int required replaces
envs set replaces computed
bridge str answer
networkDatas blocks answer
privileged bool replaces
destroyGraceSeconds int
labels blockset replaces computed
  label str replaces required
  value str replaces required
memory int >=0
memoryReservation int =0 >=0
memorySwap int >=-1
shmSize int replaces computed >=0
cpuShares int >=0
cpuSet str ~cpus
logDriver str replaces computed
logOpts map replaces
networkMode str =bridge replaces
networksAdvanced blockset replaces
  name str required replaces
  aliases set replaces
  ipv4Address str replaces
  ipv6Address str replaces
  linkLocalIps set replaces
  macAddress str replaces
  driverOpts set replaces
  gwPriority int replaces >=0
pidMode str replaces
usernsMode str replaces
uploads blockset replaces
  content str replaces
  contentBase64 str replaces base64
  file str required replaces
  executable bool =false replaces
  permissions str replaces ~mode
  source str replaces
  sourceHash str replaces
healthcheck blocks one computed
  tests list
  interval str =0s duration
  timeout str =0s duration
  startPeriod str =0s duration
  startInterval str =0s duration
  retries int =0 >=0
containerReadRefreshTimeoutMilliseconds int =15000
sysctls map replaces
ipcMode str replaces computed
groupAdds set replaces
init bool computed
tty bool =false replaces
stdinOpen bool =false replaces
storageOpts map replaces
cpus str replaces
cpuPeriod int >=0
cpuQuota int >=0
cgroupnsMode str replaces
cgroupParent str replaces
gpus str replaces
devices blockset replaces
  hostPath str required replaces
  containerPath str replaces
  permissions str =rwm replaces
deviceReadBps blockset
  path str required
  rate int required >=0
deviceReadIops blockset
  path str required
  rate int required >=0
deviceWriteBps blockset
  path str required
  rate int required >=0
deviceWriteIops blockset
  path str required
  rate int required >=0
deviceRequests blockset replaces
  driver str =cdi replaces
  count int =0 replaces
  deviceIds set replaces
  capabilities set replaces
  options map replaces
"""
NETWORK_TABLE = """
name str required replaces
labels blockset replaces
  label str replaces required
  value str replaces required
driver str replaces computed
options map replaces computed
internal bool replaces computed
attachable bool replaces
ingress bool replaces
ipv6 bool replaces
ipamDriver str =default replaces
ipamOptions map replaces
ipamConfigs blockset replaces computed
  subnet str replaces
  ipRange str replaces
  gateway str replaces
  auxAddress map replaces
scope str answer
"""
VOLUME_TABLE = """
name str replaces computed
labels blockset replaces
  label str replaces required
  value str replaces required
driver str replaces computed
driverOpts map replaces
mountpoint str answer
"""


def _attribute(words: list[str], fields: Mapping[str, Attribute]) -> Attribute:
    name, shape, *rest = words
    default: Any = None
    form, least = "", None
    for word in rest:
        if word.startswith("="):
            default = _value(shape, word[1:])
        elif word.startswith(">="):
            least = int(word[2:])
        elif word not in MARKS:
            form = word
    marks = dict.fromkeys(MARKS.intersection(rest), True)
    return Attribute(name, shape, default, form, least, fields, **marks)


def _value(shape: str, text: str) -> Any:
    return {"bool": text == "true", "int": int(text) if text.isdigit() else 0}.get(shape, text)


def _read(lines: list[str], depth: int = 0) -> Iterator[Attribute]:
    """The attributes of this depth, taken off the front of the lines."""
    while lines and len(lines[0]) - len(lines[0].lstrip()) == 2 * depth:
        words = lines.pop(0).split()
        nested = {each.name: each for each in _read(lines, depth + 1)}
        yield _attribute(words, nested)


def _table(text: str) -> dict[str, Attribute]:
    return {each.name: each for each in _read([line for line in text.splitlines() if line.strip()])}


TABLES: Mapping[str, Mapping[str, Attribute]] = {
    CONTAINER: _table(CONTAINER_TABLE),
    NETWORK: _table(NETWORK_TABLE),
    VOLUME: _table(VOLUME_TABLE),
}

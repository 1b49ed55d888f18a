"""What a blank roster tells those who fill it in: each column, the steps, examples."""

from dataclasses import dataclass

from xltools.model.form import CATEGORIES
from xltools.model.roster import NO, YES, State, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, as its heading's comment, its prompt and the instructions explain it."""

    label: str
    width: float
    blank: str  # what leaving it empty means
    hint: str  # at most 255 characters, the limit of a prompt
    options: tuple[str, ...] = ()
    allowed: str = ""  # what may stand there, where there is no list
    as_text: bool = False  # digits that are no quantity: 001 stays 001


COLUMNS = (
    Column(
        label="单位名称",
        width=30,
        blank="必填",
        allowed="单位全称",
        hint="填单位全称，与公章一致。每个单位一行，不能重复。",
    ),
    Column(
        label="单位代码",
        width=12,
        blank="没有代码",
        allowed="字母、数字",
        hint="本地区通用的单位代码，没有就不填。不能重复；前面的 0 会保留。",
        as_text=True,
    ),
    Column(
        label="别名",
        width=24,
        blank="没有别名",
        allowed="一个或几个名称，用顿号或分号隔开",
        hint="简称、曾用名等报表上可能出现的其他写法，收表时凭它认出单位。",
    ),
    Column(
        label="类别",
        width=14,
        blank="不按类别核对",
        hint="部门选工作机构，街道选派出机构，直属事业单位选直属事业机构，区政府选区政府本级。",
        options=CATEGORIES,
    ),
    Column(
        label="状态",
        width=8,
        blank="按“在册”",
        hint="在册：今年应报送。撤销：已撤并，不再报送。免报：机构还在，今年不用报送。",
        options=tuple(state.value for state in State),
    ),
    Column(
        label="计入汇总",
        width=10,
        blank="按“是”",
        hint="数据是否加进全区合计。垂直管理等另有渠道上报、不应重复计算的单位选否。",
        options=(YES, NO),
    ),
    Column(
        label="由…合并报送",
        width=24,
        blank="自己报送",
        allowed="本名录里一个在册单位的名称",
        hint="本单位不单独报表、数据并在别的单位里一起报时，填那个单位的名称。"
        "那个单位的报表收到，本单位即算已报送。",
    ),
    Column(
        label="前身单位",
        width=24,
        blank="没有前身单位",
        allowed="本名录里已撤销单位的名称，可填几个",
        hint="由机构改革合并、更名而来的，填原单位名称。原单位也要列为一行，状态选撤销；"
        "它上年的数归到本单位。",
    ),
    Column(
        label="文字",
        width=8,
        blank="按“选填”",
        hint="报表的文字部分是必填、选填，还是不填（只报表格）。",
        options=tuple(text.value for text in Texts),
    ),
    Column(
        label="联系人",
        width=10,
        blank="可以不填",
        allowed="姓名",
        hint="填表的经办人，催报时用。",
    ),
    Column(
        label="电话",
        width=16,
        blank="可以不填",
        allowed="号码",
        hint="办公电话或手机，可带区号和分机。",
        as_text=True,
    ),
    Column(
        label="邮箱",
        width=26,
        blank="可以不填",
        allowed="邮箱地址，须含 @",
        hint="收发报表用的邮箱，有几个的用分号隔开。收表时核对发件人是不是这个单位。",
    ),
    Column(
        label="打开密码",
        width=16,
        blank="报表没有密码",
        allowed="一个密码，区分大小写",
        hint="单位约定给报表设打开密码的，填在这里，收表时用它打开。名录请妥善保管；"
        "密码不会写进汇总表和任何提示。",
        as_text=True,
    ),
    Column(
        label="字数要求",
        width=10,
        blank="不作要求",
        allowed="一个数（如 1000），或“是”",
        hint="文字部分至多写多少字：填一个数；填“是”，按报表规定的字数（如总体情况 1000 字）。"
        "只核对报表定有字数的部分。",
    ),
)

STEPS = (
    "1. 在“单位名录”表里填写，从第 2 行起，每个单位一行；只有“单位名称”必填，其余可以留空。",
    "2. 标题行不要改名；各栏的先后可以调整，用不着的栏可以删除，也可以另加备注等栏（不读取）。",
    "3. 撤销的单位不要删行：状态选“撤销”，并在接续它的单位的“前身单位”里写上它，上年结转才能接上。",
    "4. 填好后保存，即可用它生成各单位的填报表。名录有误时会逐条指出行、栏和改法，改好再试。",
)

EXAMPLES = (
    (
        "一般的部门，自己报送",
        "单位名称填“某某区教育局”，别名填“区教育局、教育局”，类别选“工作机构”，其余可以留空。",
    ),
    (
        "随主管部门一起报送",
        "“某某区招商服务中心”一行，类别选“直属事业机构”，由…合并报送填“某某区商务局”；"
        "“某某区商务局”照常填一行。",
    ),
    (
        "机构改革合并而成",
        "共三行：“某某区文化和旅游局”一行，前身单位填“某某区文化局、某某区旅游局”；"
        "“某某区文化局”“某某区旅游局”各一行，状态选“撤销”。",
    ),
    (
        "只报送核对，不加进合计",
        "“某某区税务局”一行，计入汇总选“否”：照常报送和核对，数据不加进全区合计。",
    ),
)

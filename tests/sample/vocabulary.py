"""What the sample's reviews speak of: one topic a product category."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Aspect:
    """Something that is praised or blamed.

    Attributes
    ----------
    things
        Name of the slot whose words it concerns.
    good, bad
        Dictionary forms of adjectives.
    """

    things: str
    good: str
    bad: str


@dataclass(frozen=True)
class Topic:
    """One product category.

    Attributes
    ----------
    category
        Its name in the table.
    slots
        Words of one kind, parted by blanks.
    aspects
        What reviews judge.
    scenes
        Sentences that judge nothing, with slots in braces; ``{thing2}`` is another word of the slot ``thing``.
    """

    category: str
    slots: dict[str, str]
    aspects: tuple[Aspect, ...]
    scenes: tuple[str, ...]
    regret: str = "がっかりしました"
    again: tuple[str, ...] = field(default=("また買いたいです", "リピートします", "友人にも勧めたいです"))
    never: tuple[str, ...] = field(default=("もう買いません", "返品しました", "二度と注文しません"))


COMMON_SLOTS = {
    "who": "家族 夫婦 友人 両親 子供 母 父 妻 夫 恋人 娘 息子 同僚 祖母 祖父 姉 弟 妹",
    "season": "春 夏 秋 冬 週末 連休 年末 夏休み 平日 正月 梅雨",
    "shop": "店 通販 デパート スーパー 専門店 商店街 市場",
    "package": "配送 梱包 発送 包装 対応 連絡 説明書",
}
SHIPPING = Aspect("package", "早い 丁寧 迅速 親切 確実", "遅い 雑 不親切 いい加減 乱暴")

HOTEL = Topic(
    category="ホテル",
    slots={
        "meal": "朝食 夕食 昼食 朝ごはん 晩ごはん ディナー ランチ 料理 バイキング",
        "dish": "焼き魚 刺身 天ぷら すき焼き 味噌汁 卵焼き 海鮮丼 茶碗蒸し ステーキ サラダ 湯豆腐 寿司 漬物",
        "bath": "温泉 露天風呂 大浴場 風呂 サウナ 岩盤浴 足湯 浴室",
        "room": "部屋 客室 和室 洋室 寝室 スイートルーム 個室",
        "bedding": "ベッド 布団 枕 マットレス 毛布 シーツ 浴衣",
        "view": "海 山 湖 夜景 庭園 富士山 川 夕日 紅葉 雪景色 日の出",
        "city": "京都 箱根 熱海 札幌 沖縄 金沢 別府 草津 日光 軽井沢 奈良 広島 函館 福岡 仙台 長崎 伊豆 鎌倉",
        "place": "駅 空港 バス停 港 コンビニ 神社 公園 美術館 水族館",
        "trip": "旅行 出張 観光 帰省 新婚旅行 スキー 登山 ゴルフ 温泉旅行",
        "staff": "スタッフ フロント 従業員 仲居 支配人 受付 店員",
        "stay": "ホテル 旅館 民宿 ペンション 宿 別館",
    },
    aspects=(
        Aspect("meal", "美味しい 豪華 新鮮 絶品 温かい", "まずい 冷たい 少ない 貧弱 しょっぱい"),
        Aspect("bath", "広い 清潔 最高 快適 気持ち良い", "狭い ぬるい 汚い 熱い 古い"),
        Aspect("room", "広い 清潔 綺麗 快適 静か 明るい", "狭い 汚い 暗い うるさい 寒い 古い 臭い"),
        Aspect("bedding", "柔らかい 清潔 快適 暖かい", "硬い 汚い 薄い 臭い"),
        Aspect("staff", "親切 丁寧 優しい 笑顔 素敵", "無愛想 不親切 失礼 雑 遅い"),
        Aspect("view", "綺麗 美しい 素晴らしい 見事 最高", "残念 平凡 遠い"),
        Aspect("stay", "便利 素敵 近い 綺麗 おしゃれ", "不便 遠い 古い 高い うるさい"),
    ),
    scenes=(
        "{who}と{city}へ{trip}に行きました。",
        "{season}に{who}と{city}に泊まりました。",
        "{meal}に{dish}と{dish2}が出ました。",
        "{meal}は{dish}でした。",
        "{bath}に入ってから{meal}をいただきました。",
        "{bath}に浸かりながら{view}を眺めました。",
        "{room}の窓から{view}が見えました。",
        "{room}には{bedding}と{bedding2}が用意されていました。",
        "{place}から歩いて{number}分の{stay}です。",
        "{staff}が荷物を運んでくれました。",
        "{staff}に{place}への道を教えてもらいました。",
        "{city}の{stay}を{who}と予約しました。",
        "{trip}で{number}泊しました。",
        "{city}と{city2}を回りました。",
    ),
    again=("また泊まりたいです", "また利用します", "次も予約します"),
    never=("もう泊まりません", "二度と利用しません", "次は別の宿にします"),
)
ELECTRONICS = Topic(
    category="家電",
    slots={
        "device": "スマホ パソコン タブレット カメラ イヤホン ヘッドホン スピーカー テレビ ゲーム機 プリンター",
        "appliance": "冷蔵庫 掃除機 洗濯機 炊飯器 電子レンジ ドライヤー 扇風機 加湿器 空気清浄機 エアコン",
        "screen": "画面 液晶 ディスプレイ モニター 画質 映像",
        "power": "電池 バッテリー 充電 充電器 電源 ケーブル",
        "sound": "音質 低音 高音 音量 音声",
        "control": "ボタン リモコン スイッチ タッチパネル マウス キーボード 操作",
        "use": "動画 音楽 ゲーム 写真 会議 映画 電話 読書 仕事 勉強",
        "home": "居間 台所 書斎 寝室 玄関 洗面所 子供部屋",
    },
    aspects=(
        Aspect("screen", "鮮やか 綺麗 明るい 大きい 鮮明", "暗い 小さい 粗い 見づらい 眩しい"),
        Aspect("power", "長持ち 早い 十分 安定", "短い 不安定 遅い 弱い 熱い"),
        Aspect("sound", "良い クリア 素晴らしい 豊か", "悪い うるさい 小さい こもり気味"),
        Aspect("control", "簡単 軽い 便利 滑らか 快適", "複雑 重い 面倒 固い 不便"),
        Aspect("device", "軽い 便利 高性能 優秀 お得", "重い 高い 不良品 壊れやすい 遅い"),
        Aspect("appliance", "静か 便利 優秀 強力 お得", "うるさい 重い 高い 壊れやすい 不便"),
        SHIPPING,
    ),
    scenes=(
        "{device}で{use}や{use2}を楽しんでいます。",
        "{use}のために{device}を買い替えました。",
        "{device}と{device2}を{shop}で購入しました。",
        "{appliance}を{home}に置きました。",
        "{home}の{appliance}が壊れたので注文しました。",
        "{appliance}は{number}年ぶりの買い替えです。",
        "{who}が{device}を使っています。",
        "{power}が{number}時間もちます。",
        "{screen}で{use}を見ています。",
        "{control}の説明が{number}ページあります。",
        "{who}に{appliance}を贈りました。",
        "{device}の{power}を交換しました。",
        "{device}の{screen}を毎日見ています。",
    ),
)
BOOKS = Topic(
    category="本",
    slots={
        "book": "小説 漫画 絵本 雑誌 図鑑 参考書 詩集 伝記 推理小説 辞書 写真集 エッセイ 文庫",
        "story": "物語 ストーリー 結末 展開 文章 会話 描写 構成",
        "person": "主人公 登場人物 ヒロイン 探偵 悪役 脇役",
        "writer": "作者 著者 作家 翻訳者 編集者",
        "look": "表紙 装丁 挿絵 写真 紙質 帯",
        "subject": "歴史 科学 料理 経済 哲学 宇宙 数学 英語 心理学 美術 園芸 政治",
        "where": "電車 図書館 喫茶店 布団 学校 通勤 病院",
    },
    aspects=(
        Aspect("story", "面白い 感動的 見事 読みやすい 深い 素晴らしい", "つまらない 退屈 単調 読みにくい 浅い 平凡"),
        Aspect("person", "魅力的 個性的 優しい 面白い", "平凡 退屈 不自然 嫌い"),
        Aspect("writer", "天才的 誠実 丁寧 素晴らしい", "不親切 いい加減 雑"),
        Aspect("look", "綺麗 美しい おしゃれ 素敵", "安っぽい 汚い 地味 粗い"),
        Aspect("book", "面白い わかりやすい 名作 有益 おすすめ", "難しい つまらない 退屈 高い 期待外れ"),
        SHIPPING,
    ),
    scenes=(
        "{where}で{book}を読みました。",
        "{subject}の{book}を探していました。",
        "{subject}と{subject2}について書かれています。",
        "{book}と{book2}を続けて読みました。",
        "{person}が旅に出る{book}です。",
        "{person}と{person2}の会話が続きます。",
        "{writer}の{book}は{number}冊目です。",
        "{writer}は{subject}に詳しい人です。",
        "{who}に{book}を贈りました。",
        "{who}が{subject}に興味を持ちました。",
        "{look}に惹かれて買いました。",
        "{book}の{look}を眺めています。",
        "{number}ページの{book}を{where}で読み終えました。",
    ),
    again=("続編も読みたいです", "何度も読み返します", "友人にも勧めたいです"),
    never=("途中でやめました", "もう読みません", "古本屋に売りました"),
)
FOOD = Topic(
    category="食品",
    slots={
        "fruit": "りんご みかん ぶどう 桃 いちご 梨 さくらんぼ メロン 柿 スイカ マンゴー",
        "meat": "牛肉 豚肉 鶏肉 ハム ソーセージ ベーコン 馬刺し",
        "fish": "鮭 うなぎ いくら ホタテ マグロ カニ 牡蠣 サバ 海老",
        "drink": "緑茶 コーヒー 紅茶 日本酒 ワイン ビール ジュース 牛乳",
        "sweet": "チョコレート クッキー ケーキ 煎餅 羊羹 大福 プリン アイス ゼリー",
        "noodle": "うどん そば ラーメン 素麺 パスタ 焼きそば",
        "taste": "味 香り 風味 食感 甘み 後味 コク",
        "origin": "北海道 青森 山形 新潟 長野 静岡 和歌山 高知 宮崎 熊本 鹿児島",
        "cook": "鍋 サラダ カレー 弁当 炒め物 スープ",
    },
    aspects=(
        Aspect("taste", "濃厚 豊か 上品 良い 優しい 最高", "薄い 変 くどい 微妙 悪い"),
        Aspect("fruit", "甘い 新鮮 美味しい 大きい みずみずしい", "酸っぱい 小さい 傷だらけ まずい 硬い"),
        Aspect("meat", "柔らかい 美味しい 新鮮 絶品", "硬い 臭い 脂っこい まずい"),
        Aspect("fish", "新鮮 美味しい 大きい 絶品", "生臭い 小さい しょっぱい まずい"),
        Aspect("drink", "美味しい 香り高い 爽やか 飲みやすい", "苦い 薄い まずい 飲みにくい"),
        Aspect("sweet", "甘い 美味しい 上品 絶品", "甘すぎ 硬い まずい 少ない"),
        Aspect("noodle", "美味しい もちもち 滑らか 絶品", "硬い まずい 少ない しょっぱい"),
        SHIPPING,
    ),
    scenes=(
        "{origin}の{fruit}を取り寄せました。",
        "{origin}産の{fish}が届きました。",
        "{fruit}と{fruit2}の詰め合わせです。",
        "{who}と{sweet}を食べながら{drink}を飲みました。",
        "{meat}を{cook}に入れました。",
        "{meat}と{meat2}を焼いて食べました。",
        "{fish}と{fish2}を{cook}にしました。",
        "{noodle}を茹でて{who}と食べました。",
        "{noodle}と{noodle2}を交互に食べています。",
        "毎朝{drink}を飲んでいます。",
        "{sweet}と{sweet2}をお土産にしました。",
        "{season}に{fruit}を{who}へ送りました。",
        "{number}キロの{meat}が届きました。",
        "{drink}を{number}本頼みました。",
        "{fish}を{origin}から取り寄せました。",
    ),
)
CLOTHES = Topic(
    category="衣類",
    slots={
        "wear": "シャツ セーター コート ズボン スカート ワンピース ジャケット パーカー ジーンズ パジャマ ブラウス",
        "shoes": "靴 ブーツ スニーカー サンダル 革靴 長靴",
        "accessory": "帽子 手袋 マフラー 靴下 ベルト 鞄 財布 傘 ネクタイ",
        "color": "黒 白 赤 青 紺 緑 茶色 灰色 黄色 紫 ピンク ベージュ",
        "fabric": "生地 素材 縫製 裏地 布 糸",
        "part": "袖 襟 裾 ポケット ファスナー 肩 腰",
        "size": "サイズ 丈 幅 長さ 着丈",
        "material": "綿 麻 絹 ウール ナイロン デニム 革 ポリエステル",
        "event": "結婚式 入学式 通勤 面接 運動会 散歩 パーティー 登山",
    },
    aspects=(
        Aspect("fabric", "柔らかい 丈夫 暖かい 滑らか 上質", "薄い 硬い ごわごわ 安っぽい 粗い"),
        Aspect("size", "ぴったり 丁度良い ゆったり", "小さい 大きい きつい 短い 長い"),
        Aspect("wear", "可愛い おしゃれ 暖かい 着やすい 素敵", "地味 安っぽい 寒い 窮屈 重い"),
        Aspect("shoes", "歩きやすい 軽い おしゃれ 丈夫", "痛い 重い きつい 滑りやすい"),
        Aspect("accessory", "可愛い 丈夫 おしゃれ 便利", "安っぽい 小さい 不便 地味"),
        Aspect("color", "綺麗 鮮やか 上品 素敵", "地味 暗い 変 派手"),
        SHIPPING,
    ),
    scenes=(
        "{color}の{wear}を{shop}で買いました。",
        "{color}と{color2}の{accessory}を選びました。",
        "{event}に{wear}を着て行きました。",
        "{event}のために{shoes}を用意しました。",
        "{wear}に{shoes}を合わせています。",
        "{material}の{wear}です。",
        "{material}と{material2}が混ざっています。",
        "{wear}の{part}を直しました。",
        "{part}と{part2}に飾りがあります。",
        "{who}に{accessory}を贈りました。",
        "{season}は{wear}と{accessory}が欠かせません。",
        "{shoes}は{number}足目です。",
        "身長{height}センチで{size}を選びました。",
        "{color}の{shoes}を{who}が履いています。",
    ),
)
BEAUTY = Topic(
    category="美容",
    slots={
        "care": "化粧水 乳液 美容液 クリーム 洗顔料 日焼け止め パック",
        "makeup": "口紅 マスカラ ファンデーション チーク アイシャドウ 香水",
        "hair": "シャンプー リンス トリートメント ヘアオイル 整髪料",
        "bathing": "石鹸 入浴剤 ボディソープ スポンジ タオル",
        "body": "肌 髪 唇 顔 爪 頭皮 頬",
        "scent": "香り 匂い 泡立ち 伸び 質感 つけ心地",
        "trouble": "乾燥 しみ しわ ニキビ 日焼け くすみ 肌荒れ",
        "flower": "バラ ラベンダー 桜 ジャスミン 柑橘 ミント",
    },
    aspects=(
        Aspect("scent", "良い 上品 爽やか 優しい 最高", "きつい 悪い 微妙 人工的 変"),
        Aspect("care", "しっとり 優秀 さっぱり 効果的 お得", "べたべた 刺激的 高い 少ない"),
        Aspect("makeup", "綺麗 可愛い 鮮やか 自然", "濃い 不自然 落ちやすい 派手"),
        Aspect("hair", "さらさら しっとり 優秀 お得", "べたべた きしみ気味 高い 重い"),
        Aspect("body", "つるつる すべすべ 綺麗 しっとり", "かさかさ べたべた 真っ赤 敏感"),
        SHIPPING,
    ),
    scenes=(
        "風呂上がりに{care}と{care2}を使っています。",
        "{care}を{body}に塗っています。",
        "{trouble}に悩んで{care}を試しました。",
        "{trouble}や{trouble2}が気になる{season}です。",
        "{flower}の香りの{hair}です。",
        "{hair}と{hair2}をまとめて買いました。",
        "{makeup}と{makeup2}を{shop}で選びました。",
        "{who}に{makeup}を贈りました。",
        "{flower}の{bathing}を{who}と使いました。",
        "{bathing}で{body}を洗っています。",
        "{body}と{body2}の手入れをしています。",
        "{hair}は{number}本目です。",
        "{season}は{body}の{trouble}が心配です。",
    ),
)
TOPICS = (HOTEL, ELECTRONICS, BOOKS, FOOD, CLOTHES, BEAUTY)

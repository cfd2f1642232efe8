#include <array>

#include "core/evidence/proof.h"

namespace datong::evidence {
namespace {

constexpr std::array kReasons{
    ReasonRow{"segment_missing", "records are missing before this segment", "此段之前的存证记录缺失"},
    ReasonRow{"segment_header", "the segment's header is damaged", "存证段文件头已损坏"},
    ReasonRow{"segment_trailer", "the end of the segment before is missing, or tells of other records",
              "前一存证段的段尾缺失，或与其记录不符"},
    ReasonRow{"torn", "the file ends inside this record", "文件在该记录中途截断"},
    ReasonRow{"crc", "the record's octets were altered: its checksum does not fit", "记录字节被改动：校验和不符"},
    ReasonRow{"order", "the record does not have the number of its place", "记录编号与其位置不符"},
    ReasonRow{"hash_chain", "the record does not follow from the one before it: one of the two was altered",
              "记录与前一条的哈希链断裂：两者之一被改动"},
    ReasonRow{"unreadable", "the record is no JSON object of this log", "记录不是本存证的 JSON 对象"},
    ReasonRow{"request_key", "the key that signed the request is not one of the consumer's",
              "请求签名所用密钥不属于该接入方"},
    ReasonRow{"request_key_unknown", "the key that signed the request is not among the trusted ones",
              "请求签名所用密钥不在受信任公钥之列"},
    ReasonRow{"request_key_retired", "the key that signed the request was not in use at the record's time",
              "记录时间不在请求签名密钥的使用期内"},
    ReasonRow{"request_signature", "the request's signature is missing or does not verify", "请求签名缺失或验证失败"},
    ReasonRow{"request_digest", "the recorded digest of the request is not the one that was signed",
              "记录的请求摘要与已签名摘要不一致"},
    ReasonRow{"answer_key", "the key that signed the answer is not the gateway's", "应答签名所用密钥不属于网关"},
    ReasonRow{"answer_key_unknown", "the key that signed the answer is not among the trusted ones",
              "应答签名所用密钥不在受信任公钥之列"},
    ReasonRow{"answer_key_retired", "the key that signed the answer was not in use at the record's time",
              "记录时间不在应答签名密钥的使用期内"},
    ReasonRow{"answer_signature", "the answer's signature is missing or does not verify", "应答签名缺失或验证失败"},
    ReasonRow{"answer_digest", "the recorded digest of the answer is not the one that was signed",
              "记录的应答摘要与已签名摘要不一致"},
    ReasonRow{"answer_status", "the recorded status is not the one that was signed", "记录的状态码与已签名的不一致"},
    ReasonRow{"answer_binding", "the signed answer belongs to another request", "已签名的应答属于另一请求"},
    ReasonRow{"order_key", "the key that signed the order is not one of the source's department",
              "指令签名所用密钥不属于该数据源的部门"},
    ReasonRow{"order_key_unknown", "the key that signed the order is not among the trusted ones",
              "指令签名所用密钥不在受信任公钥之列"},
    ReasonRow{"order_key_retired", "the key that signed the order was not in use at the record's time",
              "记录时间不在指令签名密钥的使用期内"},
    ReasonRow{"order_signature", "the department's order about its source does not verify",
              "部门对其数据源的指令签名验证失败"},
    ReasonRow{"statement_key", "the key that signed the gateway's statement is not the gateway's",
              "网关声明所用签名密钥不属于网关"},
    ReasonRow{"statement_key_unknown", "the key that signed the gateway's statement is not among the trusted ones",
              "网关声明所用签名密钥不在受信任公钥之列"},
    ReasonRow{"statement_key_retired", "the key that signed the gateway's statement was not in use at its time",
              "声明时间不在网关签名密钥的使用期内"},
    ReasonRow{"statement_signature",
              "the gateway's statement (an erasure, an archival, an administrative act, a follow-up) does not verify",
              "网关声明（清除、归档、管理操作、后续记录）签名验证失败"},
    ReasonRow{"intent_twice", "a second intent stands under the exchange id of an earlier one",
              "同一交换编号出现第二条意向记录"},
    ReasonRow{"request_twice", "the signed request of an earlier exchange stands under another exchange id",
              "先前交换的已签名请求又以另一交换编号出现"},
    ReasonRow{"outcome_without_intent", "an outcome stands without its intent", "有结果记录而无对应的意向记录"},
    ReasonRow{"seal_unreadable", "the seal has not the members of a seal", "封签记录缺少应有的成员"},
    ReasonRow{"seal_key", "the key that signed the seal is not the gateway's", "封签所用密钥不属于网关"},
    ReasonRow{"seal_key_unknown", "the key that signed the seal is not among the trusted ones",
              "封签所用密钥不在受信任公钥之列"},
    ReasonRow{"seal_key_retired", "the key that signed the seal was not in use at the record's time",
              "记录时间不在封签密钥的使用期内"},
    ReasonRow{"seal_signature", "the seal's signature does not verify, or signs something else than the record says",
              "封签签名验证失败，或所签内容与记录不符"},
    ReasonRow{"seal_gap",
              "the seal does not go on where the one before it ended: records stand under none, or under two",
              "封签未与前一封签首尾相接：有记录未被封签或被重复封签"},
    ReasonRow{"seal_root", "the records are not those that were sealed: the root of their Merkle tree is another",
              "记录与封签时不符：默克尔树根不一致"},
    ReasonRow{"seal_head", "the chain is not the one that was sealed: the hash of its last record is another",
              "哈希链与封签时不符：末条记录的哈希不一致"},
    ReasonRow{
        "unsealed",
        "from this record on no seal stands over hours of answers, though a gateway seals each hour: the seals were "
        "taken away, or its sealing stands still; a log of a version before seals: --without-seals",
        "自该记录起若干小时的应答均无封签，而网关每小时至少封签一次：封签被删除，或封签线程停滞；"
        "早于封签功能的存证请加 --without-seals"},
    ReasonRow{"stamp_unreadable", "the stamp has not the members of a stamp", "时间戳记录缺少应有的成员"},
    ReasonRow{"stamp_seal", "the stamp names no seal before it, or one that has its stamp already",
              "时间戳未指向之前的封签，或该封签已有时间戳"},
    ReasonRow{"stamp_token", "the time-stamp is altered, over another seal, or not by an authority that is trusted",
              "时间戳被改动、属于另一封签，或签发机构不受信任"},
    ReasonRow{"stamp_time", "the time-stamp is older than the seal that it is over", "时间戳早于其所证明的封签"},
    ReasonRow{"anchor_missing", "the seal that was published is gone: the folder was rolled back to before it",
              "已公布的封签不在其中：目录被回退到此前的状态"},
    ReasonRow{"anchor_differs", "where the seal that was published stood is something else: the chain was made anew",
              "已公布封签的位置上是别的记录：哈希链被重建"},
    ReasonRow{"no_evidence", "no evidence here: not one record in this folder", "此处没有存证：目录中没有一条记录"},
    ReasonRow{"head_missing", "the record that an earlier verification ended with is gone: the tail was taken away",
              "先前验证时的末条记录已不存在：尾部记录被删除"},
    ReasonRow{"head_differs", "the record that an earlier verification ended with is another: the chain was made anew",
              "先前验证时的末条记录与现在不符：哈希链被重建"},
};

}  // namespace

const ReasonRow& row_of(Reason reason) {
    for (const ReasonRow& row : kReasons) {
        if (row.reason == reason) {
            return row;
        }
    }
    return kReasons.front();
}

}  // namespace datong::evidence

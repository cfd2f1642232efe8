#pragma once

#include "examples/departments/bus_desk.h"
#include "examples/departments/drop_folder.h"
#include "examples/departments/faults.h"
#include "examples/departments/front_tables.h"
#include "examples/departments/people.h"
#include "examples/departments/settlement_centre.h"
#include "examples/departments/tiny_frame.h"
#include "examples/departments/tiny_http.h"

namespace datong::departments {

// The departments' systems, each as such systems are met (README.md). `town` must outlive what is made here.

[[nodiscard]] Handler land_registry(const Town& town);      ///< 不动产: SOAP 1.1 rpc, XML in CDATA
[[nodiscard]] Handler tax_interface(const Town& town);      ///< 税务: SOAP, JSON with Base64 in XML in XML
[[nodiscard]] Handler market_registry(const Town& town);    ///< 市场主体登记: forms and JSON
[[nodiscard]] Handler case_register(const Town& town);      ///< 办件库: a case by its number
[[nodiscard]] Handler social_security(const Town& town);    ///< 社保: SOAP, trade numbers, escaped XML
[[nodiscard]] Handler civil_affairs(const Town& town);      ///< 民政: REST; SOAP with JSON with a diffgram
[[nodiscard]] Handler medical_insurance(const Town& town);  ///< 医保: JSON in two layers
[[nodiscard]] Handler birth_registry(const Town& town);     ///< 卫健: SOAP, Base64 of XML
[[nodiscard]] Handler signing_system(const Town& town);     ///< 住建: JSON, people joined by commas
[[nodiscard]] Handler permit_system(const Town& town);      ///< 生态环境: JSON with keys in two spellings
[[nodiscard]] Handler utility_companies(const Town& town);  ///< 水电气: forms, JSON inside a JSON text
[[nodiscard]] Handler commerce_platform(const Town& town);  ///< 商务: GBK XML over GET
[[nodiscard]] Handler penalty_system(const Town& town);     ///< 综合执法: JSON, lists that collapse
[[nodiscard]] Handler filing_system(const Town& town);      ///< 行政备案: JSON with the source of each material

[[nodiscard]] DropOffice tax_office(const Town& town);           ///< 税务前置机: fixed-width GBK
[[nodiscard]] DropOffice disabled_federation(const Town& town);  ///< 残联前置机: CSV, file names in GBK

[[nodiscard]] BusHandler vaccination_registry(const Town& town);  ///< 预防接种: HL7-like XML over a bus

[[nodiscard]] FrameHandler nontax_server(const Town& town);  ///< 财政非税: CNNONTAX
[[nodiscard]] FrameHead settlement_head();
[[nodiscard]] FrameHandler settlement_server(SettlementCentre& centre);  ///< 公积金结算: 16 octets and a length

void fill_fund(const TableFile& file, const Town& town, Trouble trouble);      ///< 公积金前置库
void fill_projects(const TableFile& file, const Town& town, Trouble trouble);  ///< 发改投资项目前置库
void fill_planning(const TableFile& file, const Town& town, Trouble trouble);  ///< 规划审批前置库
void fill_talents(const TableFile& file, const Town& town, Trouble trouble);   ///< 人才库
void fill_items(const TableFile& file, const Town& town, Trouble trouble);     ///< 事项库

/// Whose record is told: the neighbour's when the switch says so. Not the spouse's, who may stand in the same one.
[[nodiscard]] constexpr std::size_t told_instead(std::size_t index, Trouble trouble) {
    return trouble == Trouble::wrong_person ? (index + 10) % kHouseholds : index;
}

}  // namespace datong::departments

<?xml version="1.0" encoding="UTF-8"?>
<!-- mappings/land/realestate-certificate.yaml in XSLT 1.0, as its authors would write it: the rows, tables and
     the resident id's check digit; not the check digits of codes of organisations and the target schema. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="text" encoding="UTF-8"/>
<xsl:param name="department"/>
<xsl:param name="today"/>

<xsl:template match="/">
  <xsl:if test="RESPONSE/HEAD/CODE != '0000'"><xsl:message terminate="yes">outcome</xsl:message></xsl:if>
  <xsl:apply-templates select="RESPONSE/DATA/BDCQ"/>
</xsl:template>

<xsl:template name="escaped">
  <xsl:param name="text"/>
  <xsl:choose>
    <xsl:when test="contains($text, '\')">
      <xsl:call-template name="escaped"><xsl:with-param name="text" select="substring-before($text, '\')"/></xsl:call-template>
      <xsl:text>\\</xsl:text>
      <xsl:call-template name="escaped"><xsl:with-param name="text" select="substring-after($text, '\')"/></xsl:call-template>
    </xsl:when>
    <xsl:when test="contains($text, '&quot;')">
      <xsl:value-of select="substring-before($text, '&quot;')"/>
      <xsl:text>\"</xsl:text>
      <xsl:call-template name="escaped"><xsl:with-param name="text" select="substring-after($text, '&quot;')"/></xsl:call-template>
    </xsl:when>
    <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<!-- "name":"text" with a comma before it; nothing for what stands for null -->
<xsl:template name="member">
  <xsl:param name="name"/>
  <xsl:param name="text"/>
  <xsl:param name="comma" select="','"/>
  <xsl:variable name="kept" select="normalize-space($text)"/>
  <xsl:choose>
    <xsl:when test="$kept = '' or $kept = '/' or $kept = '无' or $kept = 'NULL'"/>
    <xsl:when test="contains($kept, '\') or contains($kept, '&quot;')">
      <xsl:value-of select="concat($comma, '&quot;', $name, '&quot;:&quot;')"/>
      <xsl:call-template name="escaped"><xsl:with-param name="text" select="$kept"/></xsl:call-template>
      <xsl:text>"</xsl:text>
    </xsl:when>
    <xsl:otherwise><xsl:value-of select="concat($comma, '&quot;', $name, '&quot;:&quot;', $kept, '&quot;')"/></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<!-- 20230518, 2023-05-18, 2023/5/18, 2023-05-18 10:00:00 to 2023-05-18 -->
<xsl:template name="date">
  <xsl:param name="text"/>
  <xsl:variable name="day" select="translate(substring-before(concat(normalize-space($text), ' '), ' '), '/', '-')"/>
  <xsl:choose>
    <xsl:when test="$day = ''"/>
    <xsl:when test="not(contains($day, '-'))">
      <xsl:value-of select="concat(substring($day, 1, 4), '-', substring($day, 5, 2), '-', substring($day, 7, 2))"/>
    </xsl:when>
    <xsl:otherwise>
      <xsl:variable name="rest" select="substring-after($day, '-')"/>
      <xsl:value-of select="concat(substring-before($day, '-'), '-', format-number(substring-before($rest, '-'), '00'), '-', format-number(substring-after($rest, '-'), '00'))"/>
    </xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template name="checked-date">
  <xsl:param name="text"/>
  <xsl:variable name="date"><xsl:call-template name="date"><xsl:with-param name="text" select="$text"/></xsl:call-template></xsl:variable>
  <xsl:if test="translate($date, '-', '') &gt; translate($today, '-', '')"><xsl:message terminate="yes">future</xsl:message></xsl:if>
  <xsl:value-of select="$date"/>
</xsl:template>

<xsl:template name="boolean">
  <xsl:param name="text"/>
  <xsl:choose>
    <xsl:when test="$text = '1'">true</xsl:when>
    <xsl:when test="$text = '0'">false</xsl:when>
    <xsl:otherwise><xsl:message terminate="yes">boolean</xsl:message></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template name="id-check">
  <xsl:param name="i"/>
  <xsl:variable name="m" select="(substring($i,1,1)*7 + substring($i,2,1)*9 + substring($i,3,1)*10 + substring($i,4,1)*5 + substring($i,5,1)*8 + substring($i,6,1)*4 + substring($i,7,1)*2 + substring($i,8,1) + substring($i,9,1)*6 + substring($i,10,1)*3 + substring($i,11,1)*7 + substring($i,12,1)*9 + substring($i,13,1)*10 + substring($i,14,1)*5 + substring($i,15,1)*8 + substring($i,16,1)*4 + substring($i,17,1)*2) mod 11"/>
  <xsl:value-of select="substring('10X98765432', $m + 1, 1)"/>
</xsl:template>

<xsl:template name="resident-id">
  <xsl:param name="id"/>
  <xsl:variable name="long"><xsl:choose>
    <xsl:when test="string-length($id) = 15"><xsl:value-of select="concat(substring($id, 1, 6), '19', substring($id, 7))"/></xsl:when>
    <xsl:otherwise><xsl:value-of select="$id"/></xsl:otherwise>
  </xsl:choose></xsl:variable>
  <xsl:variable name="check"><xsl:call-template name="id-check"><xsl:with-param name="i" select="$long"/></xsl:call-template></xsl:variable>
  <xsl:if test="string-length($long) = 18 and substring($long, 18) != $check"><xsl:message terminate="yes">id.checksum</xsl:message></xsl:if>
  <xsl:value-of select="concat(substring($long, 1, 17), $check)"/>
</xsl:template>

<xsl:template name="phone">
  <xsl:param name="phone"/>
  <xsl:choose>
    <xsl:when test="$phone = '' or $phone = '无' or $phone = '/' or $phone = 'NULL'"/>
    <xsl:when test="string-length($phone) = 11 and starts-with($phone, '1')">
      <xsl:value-of select="concat(substring($phone, 1, 3), '****', substring($phone, 8))"/>
    </xsl:when>
    <xsl:when test="contains($phone, '-')">
      <xsl:variable name="local" select="substring-after($phone, '-')"/>
      <xsl:value-of select="concat(substring-before($phone, '-'), '-', substring('********', 1, string-length($local) - 4), substring($local, string-length($local) - 3))"/>
    </xsl:when>
    <xsl:otherwise><xsl:value-of select="translate($phone, '0123456789', '**********')"/></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template match="BDCQ">
  <xsl:variable name="halfwidth" select="translate(ZL, '０１２３４５６７８９（）－　', '0123456789()- ')"/>
  <xsl:text>{"certificateTypeCode":"11100000MB03271699001","certificateTypeName":"不动产权证书"</xsl:text>
  <xsl:call-template name="member"><xsl:with-param name="name">certificateIdentifier</xsl:with-param><xsl:with-param name="text" select="DZZZBS"/></xsl:call-template>
  <xsl:call-template name="member"><xsl:with-param name="name">certificateNumber</xsl:with-param><xsl:with-param name="text" select="translate(BDCQZH, '（） ', '()')"/></xsl:call-template>
  <xsl:call-template name="member"><xsl:with-param name="name">certificateIssuingAuthorityName</xsl:with-param><xsl:with-param name="text" select="DJJG"/></xsl:call-template>
  <xsl:call-template name="member"><xsl:with-param name="name">certificateIssuingAuthorityCode</xsl:with-param><xsl:with-param name="text" select="$department"/></xsl:call-template>
  <xsl:text>,"certificateIssuedDate":"</xsl:text>
  <xsl:call-template name="checked-date"><xsl:with-param name="text" select="DJSJ"/></xsl:call-template>
  <xsl:text>"</xsl:text>
  <xsl:call-template name="member"><xsl:with-param name="name">unitNo</xsl:with-param><xsl:with-param name="text" select="translate(BDCDYH, 'abcdefghijklmnopqrstuvwxyz ', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/></xsl:call-template>
  <xsl:call-template name="member"><xsl:with-param name="name">divisionCode</xsl:with-param><xsl:with-param name="text" select="QXDM"/></xsl:call-template>
  <xsl:call-template name="member"><xsl:with-param name="name">location</xsl:with-param><xsl:with-param name="text" select="$halfwidth"/></xsl:call-template>
  <xsl:if test="QLLX != ''">
    <xsl:text>,"rightType":"</xsl:text>
    <xsl:choose>
      <xsl:when test="QLLX = '3'">land_use</xsl:when>
      <xsl:when test="QLLX = '4'">land_use_and_house</xsl:when>
      <xsl:when test="QLLX = '7'">collective_land_use</xsl:when>
      <xsl:when test="QLLX = '8'">collective_land_use_and_house</xsl:when>
      <xsl:when test="QLLX = '99'">other</xsl:when>
      <xsl:otherwise><xsl:message terminate="yes">rightType</xsl:message></xsl:otherwise>
    </xsl:choose>
    <xsl:text>"</xsl:text>
  </xsl:if>
  <xsl:text>,"ownershipForm":"</xsl:text>
  <xsl:choose>
    <xsl:when test="GYFS = '0'">sole</xsl:when>
    <xsl:when test="GYFS = '1'">joint</xsl:when>
    <xsl:when test="GYFS = '2'">shares</xsl:when>
    <xsl:when test="GYFS = '3'">other</xsl:when>
    <xsl:otherwise><xsl:message terminate="yes">ownershipForm</xsl:message></xsl:otherwise>
  </xsl:choose>
  <xsl:text>","status":"</xsl:text>
  <xsl:choose>
    <xsl:when test="QSZT = '0'">provisional</xsl:when>
    <xsl:when test="QSZT = '1'">current</xsl:when>
    <xsl:when test="QSZT = '2'">history</xsl:when>
    <xsl:when test="QSZT = '3'">ended</xsl:when>
    <xsl:otherwise><xsl:message terminate="yes">status</xsl:message></xsl:otherwise>
  </xsl:choose>
  <xsl:text>","house":{"useCode":"</xsl:text>
  <xsl:choose>
    <xsl:when test="GHYT = '10'">10","useName":"住宅</xsl:when>
    <xsl:when test="GHYT = '11'">11","useName":"成套住宅</xsl:when>
    <xsl:when test="GHYT = '20'">20","useName":"工业、交通、仓储</xsl:when>
    <xsl:when test="GHYT = '30'">30","useName":"商业、金融、信息</xsl:when>
    <xsl:otherwise>80","useName":"其他</xsl:otherwise>
  </xsl:choose>
  <xsl:text>"</xsl:text>
  <xsl:if test="JZMJ != ''"><xsl:value-of select="concat(',&quot;areaM2&quot;:&quot;', format-number(JZMJ, '0.00'), '&quot;')"/></xsl:if>
  <xsl:call-template name="member"><xsl:with-param name="name">floor</xsl:with-param><xsl:with-param name="text" select="SZC"/></xsl:call-template>
  <xsl:if test="JYJG != ''"><xsl:value-of select="concat(',&quot;priceFen&quot;:', format-number(JYJG * 1000000, '0'))"/></xsl:if>
  <xsl:text>},"land":{"useFrom":"</xsl:text>
  <xsl:call-template name="date"><xsl:with-param name="text" select="TDSYQSSJ"/></xsl:call-template>
  <xsl:text>"</xsl:text>
  <xsl:if test="TDSYJSSJ != '' and TDSYJSSJ != '99991231' and TDSYJSSJ != '00000000'">
    <xsl:text>,"useTo":"</xsl:text>
    <xsl:call-template name="date"><xsl:with-param name="text" select="TDSYJSSJ"/></xsl:call-template>
    <xsl:text>"</xsl:text>
  </xsl:if>
  <xsl:value-of select="concat(',&quot;perpetual&quot;:', TDSYJSSJ = '99991231')"/>
  <xsl:text>},"encumbrance":{"mortgaged":</xsl:text>
  <xsl:call-template name="boolean"><xsl:with-param name="text" select="DYZT"/></xsl:call-template>
  <xsl:text>,"seized":</xsl:text>
  <xsl:call-template name="boolean"><xsl:with-param name="text" select="CFZT"/></xsl:call-template>
  <xsl:value-of select="concat('},&quot;transferable&quot;:', CFZT != '1' and QSZT = '1')"/>
  <xsl:text>,"holders":[</xsl:text>
  <xsl:apply-templates select="QLRS/QLR"/>
  <xsl:text>]}</xsl:text>
  <xsl:if test="GYFS = '0' and count(QLRS/QLR) != 1"><xsl:message terminate="yes">sole-one</xsl:message></xsl:if>
</xsl:template>

<xsl:template match="QLR">
  <xsl:variable name="id" select="translate(ZJH, 'abcdefghijklmnopqrstuvwxyz ', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/>
  <xsl:if test="position() &gt; 1">,</xsl:if>
  <xsl:text>{</xsl:text>
  <xsl:call-template name="member"><xsl:with-param name="name">name</xsl:with-param><xsl:with-param name="text" select="QLRMC"/><xsl:with-param name="comma"/></xsl:call-template>
  <xsl:text>,"idType":"</xsl:text>
  <xsl:choose>
    <xsl:when test="ZJZL = '1'">111</xsl:when>
    <xsl:when test="ZJZL = '3'">414</xsl:when>
    <xsl:when test="ZJZL = '4'">113</xsl:when>
    <xsl:when test="ZJZL = '5'">114</xsl:when>
    <xsl:when test="ZJZL = '7' or ZJZL = '8'">001</xsl:when>
    <xsl:when test="ZJZL = '2' or ZJZL = '99'">990</xsl:when>
    <xsl:otherwise><xsl:message terminate="yes">idType</xsl:message></xsl:otherwise>
  </xsl:choose>
  <xsl:text>","idNo":"</xsl:text>
  <xsl:choose>
    <xsl:when test="ZJZL = '1'"><xsl:call-template name="resident-id"><xsl:with-param name="id" select="$id"/></xsl:call-template></xsl:when>
    <xsl:otherwise><xsl:value-of select="$id"/></xsl:otherwise>
  </xsl:choose>
  <xsl:text>"</xsl:text>
  <xsl:if test="../../GYFS = '2'"><xsl:value-of select="concat(',&quot;sharePercent&quot;:&quot;', format-number(substring-before(QLBL, '%'), '0.0000'), '&quot;')"/></xsl:if>
  <xsl:variable name="phone"><xsl:call-template name="phone"><xsl:with-param name="phone" select="translate(DH, ' ', '')"/></xsl:call-template></xsl:variable>
  <xsl:call-template name="member"><xsl:with-param name="name">phoneMasked</xsl:with-param><xsl:with-param name="text" select="$phone"/></xsl:call-template>
  <xsl:text>}</xsl:text>
</xsl:template>
</xsl:stylesheet>

//! Words of claim names, folded as `name` folds them, in the languages that Keywright's users are known to write.

use std::sync::LazyLock;

use super::Kind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The value is personal or secret.
    Is(Kind),
    /// The value may be, if it looks like it.
    Maybe(Kind),
    /// A thing with a name and numbers of its own.
    Thing,
    /// At the end of a name: a property of what the words before it say (`email_verified`).
    Aspect,
    /// Such a property there, and a thing elsewhere (`password_policy`, `policy_name`).
    Part,
}

use Kind::*;
use Meaning::{Aspect, Is, Maybe, Part, Thing};

/// Several words are written together: `phone_number` is `phonenumber`.
const WORDS: &[(Meaning, &str)] = &[
    (
        Is(Email),
        "email mail emailaddress mailaddress emailadres emailadresse mailadresse adressemail correo correoelectronico courriel \
         epost epostadress eposta sahkoposti posta postaelettronica indirizzoemail enderecoemail useremail \
         correio почта электроннаяпочта 邮箱 电子邮件 电子邮箱 郵箱 メール メールアドレス 이메일 пошта upn userprincipalname rfc822name",
    ),
    (
        Is(Phone),
        "phone phonenumber telephone telephonenumber tel telefon telefonnummer telefono telefone telefoonnummer telefoon \
         telefonszam mobile mobilephone mobilenumber mobil mobilnummer mobiltelefon mobiel movil cell cellphone celular \
         cellulare handy handynummer handynr portable portablephone gsm msisdn puhelin puhelinnumero telnr tlf tlfnr whatsapp fax \
         faxnumber телефон мобильный номертелефона 手机 手机号 手机号码 电话 电话号码 電話 電話番号 携帯 携帯電話 전화 전화번호 \
         휴대폰 휴대전화 numerotelephone numerotelefono numerodetelefono numerocellulare ceptelefonu komorka",
    ),
    (
        Is(PersonName),
        "givenname firstname forename middlename lastname familyname surname fullname personname personalname realname legalname \
         birthname maidenname vorname nachname familienname vollername vorundnachname prenom nomdefamille nomcomplet nomprenom \
         nombrecompleto nombreyapellidos apellido apellidos primerapellido segundoapellido cognome nomecognome nomeecognome \
         nomecompleto sobrenome apelido voornaam achternaam familienaam volledigenaam fornamn efternamn fornavn efternavn \
         etternavn etunimi sukunimi kokonimi imie nazwisko imieinazwisko jmeno prijmeni ad soyad adsoyad adisoyadi keresztnev \
         vezeteknev имя фамилия отчество фио имяфамилия полноеимя прізвище імя 姓名 名字 真实姓名 姓 氏名 名前 お名前 이름 성명 \
         성함 givennames cardholder cardholdername accountholder nextofkin",
    ),
    (
        Maybe(PersonName),
        "name nom nombre nome naam namn navn nimi isim displayname commonname cn contact contactperson contactname \
         ansprechpartner kontakt owner ownername manager managername author customer customername kunde klient cliente \
         employee mitarbeiter assignee assignedto approvedby approver createdby updatedby modifiedby reviewer requester \
         requestedby reporter user person patient student teacher doctor driver guest recipient sender responsible \
         supervisor sponsor beneficiary signer signedby payee holder subjectname member 担当者 作成者 所有者 负责人 联系人 負責人 담당자 작성자 responsable verantwortlich",
    ),
    (
        Is(Username),
        "username login loginname loginid preferredusername nickname nick samaccountname accountname screenname handle \
         benutzername nutzername anmeldename nomutilisateur nomdutilisateur nombreusuario nombredeusuario \
         nomeutente nomeusuario gebruikersnaam anvandarnamn brugernavn brukernavn kayttajatunnus nazwauzytkownika \
         kullaniciadi логин 用户名 用戶名 ユーザー名 사용자명 twitter instagram linkedin facebook skype telegram",
    ),
    (
        Is(PostalAddress),
        "address streetaddress street homeaddress postaladdress mailingaddress billingaddress shippingaddress deliveryaddress \
         residence shipto billto formattedaddress adresse anschrift strasse wohnort hausnummer postanschrift lieferadresse \
         rechnungsadresse privatadresse adressepostale rue domicile direccion domicilio calle indirizzo residenza adres \
         straat woonplaats adress gatuadress osoite katuosoite ulica adreszamieszkania adresa ulice endereco morada rua \
         logradouro adresi lakcim адрес улица 地址 住址 住所 주소 postcode postalcode zip zipcode plz codepostal \
         codigopostal codicepostale cep cap postnummer",
    ),
    (
        Is(BirthDate),
        "birthdate birthday dateofbirth dob birth birthyear yearofbirth birthmonth bday born geburtsdatum geburtstag \
         geburtsjahr geboren datedenaissance naissance fechanacimiento fechadenacimiento nacimiento datadinascita nascita \
         datanascimento datadenascimento nascimento geboortedatum geboren fodelsedatum fodelsedag fodselsdato fodselsdag \
         foedselsdato syntymaaika dataurodzenia urodzenia narozeni datumnarozeni dogumtarihi dogum szuletes szuletesidatum \
         датарождения рождения народження 生日 出生日期 生年月日 誕生日 생년월일 생일 age",
    ),
    (
        Is(PaymentCard),
        "pan cardnumber creditcard creditcardnumber debitcard ccnumber ccn kreditkarte kreditkartennummer kartennummer \
         cartebancaire cartebleue numerocarte numerotarjeta tarjeta tarjetacredito tarjetadecredito cartacredito cartadicredito \
         numerocartao cartaodecredito creditcardnummer kortnummer kreditkort kartakredytowa numerkarty kredikarti 信用卡 信用卡号 \
         银行卡号 カード番号 카드번호 cvv cvc cvv2",
    ),
    (
        Is(BankAccount),
        "iban bankaccount bankaccountnumber accountnumber routingnumber sortcode kontonummer kontonr bankverbindung \
         rekeningnummer numerodecuenta cuentabancaria numerocuenta contocorrente numeroconto numerocompte rib comptebancaire \
         numerokonta kontobankowe tilinumero bankkonto 银行账号 口座番号 계좌번호 clabe",
    ),
    (
        Maybe(BankAccount),
        "account konto conto compte cuenta conta rekening payout refund bank",
    ),
    (
        Maybe(PaymentCard),
        "card karte carte carta cartao kort payment",
    ),
    (
        Is(NationalId),
        "ssn socialsecurity socialsecuritynumber socialinsurance nationalid nationalidnumber nationalinsurance nino taxid tin \
         itin taxpayerid taxnumber personalid personalidnumber idcard idcardnumber identitycard identitynumber passport \
         passportnumber passportno driverslicense drivinglicence driverlicense driverslicence drivinglicense licensenumber \
         steuerid steueridnr steueridentifikationsnummer steuernummer sozialversicherungsnummer svnr rentenversicherungsnummer \
         personalausweis personalausweisnummer ausweisnummer reisepass reisepassnummer fuhrerschein numerosecu numsecu nir \
         securitesociale numerosecuritesociale numerosecuritesociale passeport dni nie nif numerodni pasaporte seguridadsocial \
         codicefiscale cf passaporto bsn burgerservicenummer paspoort rijbewijs pesel dowod dowodosobisty personnummer \
         fodselsnummer cprnummer cpr hetu henkilotunnus cpf cnh rg registrogeral titulodeeleitor cartaocidadao aadhaar aadhar \
         panno pancard voterid tckn tckimlik tckimlikno kimlikno curp rfccurp rodnecislo снилс инн паспорт номерпаспорта 身份证 \
         身份证号 身份证号码 护照 护照号 マイナンバー 個人番号 パスポート番号 주민등록번호 주민번호 여권번호 medicareno nhsnumber \
         healthinsurancenumber ahv ahvnummer egn cnp jmbg",
    ),
    (
        Is(IpAddress),
        "ip ipaddress ipaddr ipv4 ipv6 clientip remoteip userip sourceip srcip remoteaddr remoteaddress clientaddress \
         xforwardedfor forwardedfor xrealip lastip loginip hostip adresseip direccionip indirizzoip 地址ip",
    ),
    (
        Is(Location),
        "latitude longitude lat lon lng latlng latlong geolocation geo gps gpscoordinates coordinates homelocation breitengrad \
         langengrad 经度 纬度",
    ),
    (
        Maybe(Location),
        "location position standort ubicacion posizione localisation point",
    ),
    (
        Is(Sensitive),
        "gender sex geschlecht sexe sexo sesso geslacht kon kjonn plec pohlavi cinsiyet пол 性别 性別 성별 sexualorientation \
         religion religiousbelief konfession religione ethnicity ethnicorigin ethnicgroup nationality \
         staatsangehorigkeit nationalitat nationalite nacionalidad nazionalita nationaliteit obywatelstwo citizenship 国籍 국적 \
         maritalstatus familienstand etatcivil estadocivil statocivile bloodtype bloodgroup blutgruppe diagnosis diagnose \
         disability medicalcondition healthcondition allergies allergy politicalparty politicalopinion tradeunion \
         criminalrecord salary gehalt income",
    ),
    (
        Is(Password),
        "password passwd passwort kennwort pwd userpwd pass passphrase passcode motdepasse mdp contrasena contrasenya \
         clavedeacceso senha palavrapasse parola parolachiave wachtwoord losenord adgangskode passord salasana haslo heslo \
         sifre jelszo пароль парольпользователя 密码 口令 密碼 パスワード 暗証番号 비밀번호 암호 pin pincode otp onetimepassword \
         onetimecode totp securityanswer secretanswer recoverycode backupcode backupcodes recoverycodes mothersmaidenname",
    ),
    (
        Is(PasswordHash),
        "passwordhash pwdhash passwdhash hashedpassword passworthash pwhash passworddigest",
    ),
    (
        Is(PrivateKey),
        "privatekey secretkey signingkey encryptionkey privkey sshkey masterkey seedphrase mnemonic privaterkey cleprivee \
         claveprivada",
    ),
    (
        Is(ApiKey),
        "apikey apisecret apitoken accesskey accesskeyid secretaccesskey clientsecret appsecret sharedsecret webhooksecret \
         consumersecret secret geheimnis secreto segreto credential credentials totpsecret connectionstring clientkey hmackey",
    ),
    (
        Is(Token),
        "idtoken accesstoken refreshtoken sessiontoken bearertoken authtoken csrftoken sessioncookie cookie authorization \
         bearer resettoken devicetoken",
    ),
    (
        Maybe(ApiKey),
        "key auth token apiauth bot integration webhook hook",
    ),
    (
        Aspect,
        "verified enabled disabled required allowed optional visible valid active set present available support supported id ids \
         hint label pref preference preferences opt in out optin optout at on expires expiry exp expired expiration changed \
         updated rotation age rotated seen promo view reset enrolled use restricted strategy field column precision accuracy \
         length min max consent notification notifications confirmed validated bestatigt verifie verificado verificato last",
    ),
    (
        Part,
        "count type kind format policy status state version level hash digest locale domain provider brand scheme method methods \
         mode plan pool server template scopes system country region allowlist denylist thumbprint certificate client service \
         source schema category class group role quota limit rate language channel book change",
    ),
    (
        Thing,
        "order invoice tracking shipment parcel transaction sku serial ticket case batch ean isbn gtin asset product item client publickey verificationkey \
         tenant org organization organisation company firma firm business brand vendor supplier merchant employer app \
         application service project team group groups department dept division unit role roles title job plan tier edition \
         feature features flag flags scope scopes permission permissions entitlement entitlements version build release \
         firmware sdk semver commit sha tag etag revision trace request correlation session device nonce state uuid guid \
         ulid thumbprint fingerprint checksum digest hash nodename node cluster hostname host server image container \
         namespace environment env region zone datacenter site branch store shop campaign theme model school university \
         locale language lang country currency market channel source system package path url uri link docs software product \
         database part lastlogin pool queue topic bucket category kind class policy quota limit limits count num amount price total sum \
         code cost room building floor warehouse machine sensor meter vehicle license plan bestellung rechnung auftrag commande \
         facture pedido factura ordine fattura bestelling faktura zamowienie mandant produkt projekt abteilung kostenstelle \
         produit equipe service entreprise empresa equipo equipe azienda bedrijf foretag virksomhed yritys firma tuote \
         zeitzone contract vertrag menu event book tid oid pseudonym pairwise subject sub aud azp kid jti iss created updated",
    ),
];

/// Beginnings and ends of compounds, which some languages write as one word.
const STEMS: &[(Meaning, &str)] = &[
    (Is(Phone), "telefon"),
    (Is(Phone), "telefoon"),
    (Is(Phone), "handynummer"),
    (Is(Email), "email"),
    (Is(Email), "mailadresse"),
    (Is(PostalAddress), "adresse"),
    (Is(PostalAddress), "anschrift"),
    (Is(PostalAddress), "strasse"),
    (Is(BirthDate), "geburts"),
    (Is(BirthDate), "geboorte"),
    (Is(Password), "passwort"),
    (Is(Password), "password"),
    (Is(Password), "kennwort"),
    (Is(PersonName), "vorname"),
    (Is(PersonName), "nachname"),
    (Is(BankAccount), "kontonummer"),
    (Is(PaymentCard), "kreditkarten"),
    (Is(NationalId), "personalausweis"),
    (Is(NationalId), "passnummer"),
];

/// Twice as many as there are words, at the least, so that a word is where its hash says or near.
const SLOTS: usize = 4_096;

/// Open addressing: a lookup, several of which every claim costs, is a hash and as a rule one comparison.
static TABLE: LazyLock<Vec<Option<(&'static str, Meaning)>>> = LazyLock::new(|| {
    let mut table = vec![None; SLOTS];
    for (meaning, words) in WORDS {
        for word in words.split_ascii_whitespace() {
            let at = slot(&table, word);
            // The first meaning of a word counts.
            table[at].get_or_insert((word, *meaning));
        }
    }
    table
});

/// Where `word` is, or would be.
fn slot(table: &[Option<(&'static str, Meaning)>], word: &str) -> usize {
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut at = (hash ^ (hash >> 32)) as usize % SLOTS;
    while table[at].is_some_and(|(known, _)| known != word) {
        at = (at + 1) % SLOTS;
    }
    at
}

pub fn lookup(word: &str) -> Option<Meaning> {
    TABLE[slot(&TABLE, word)].map(|(_, meaning)| meaning)
}

/// The meaning of a compound by its first or last part.
pub fn stem(word: &str) -> Option<Meaning> {
    if word.len() < 8 {
        return None;
    }
    let found = STEMS.iter().find(|(_, stem)| {
        word.len() > stem.len() && (word.starts_with(stem) || word.ends_with(stem))
    });
    found.map(|(meaning, _)| *meaning)
}

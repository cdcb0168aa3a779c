/** A defensive list: common terms of other European languages, folded (without accents, but for the Spanish ñ). */
import type { WordList } from './list.ts';

export const german: WordList = {
  sexualMinor: `kinderporno*, kinderpornograf*, kinderpornograph*, padophil*, paedophil*, kindersex*, jugendporno*`,
  explicit: `porno*, sexuell*, geschlechtsverkehr, gv, fickt, ficken, fickst, ficker, ficken*, gefickt*, bumsen, vogeln, vergewaltig*, muschi*, fotze*, titten, titte, mopse, schwanz lutschen, blasen lassen, wichs*, selbstbefriedig*, masturbier*, nutte*, hure, huren, hurensohn*, sexspielzeug*, gruppensex*, analsex*, oralsex*, sperma*, geil, geile, geiler, geiles, sex`,
  anatomy: `vagina*, scheide, schamlippe*, hoden, genitalien, brustwarze*, geschlechtsteil*, intimbereich*, nippel*`,
  nudity: `nackt*, *nackt, *nackte, *nackter, *nacktes, *nackten, nackig*, nackich*, entblosst*, entblossst*, entbloesst*, unbekleidet*, entkleidet*, oben ohne, ausgezogen*, hullenlos*, huellenlos*, splitternackt*, akt foto*, aktfoto*, aktbild*, ohne kleidung, ohne kleider, ohne klamotten, zieh sie aus, zieh ihn aus, fkk, barbusig*, blanker busen, blanke bruste`,
  suggestive: `sexy, erotisch*, erotik*, verfuhrerisch*, verfuehrerisch*, reizwasche*, reizwaesche*, dessous, unterwasche*, unterwaesche*, aufreizend*, tanga, tangas, busen, lustern*`,
  minor: `kinder, kindern, kindes, kindlich*, kleinkind*, kleines kind, kleinen kind*, schulkind*, schulmadchen*, schulmaedchen*, schuler, schuelerin*, schulerin*, schueler, minderjahrig*, minderjaehrig*, jugendliche*, teenagerin*, saugling*, saeugling*, neugeboren*, grundschul*, grundschuler*, kleine madchen, kleines madchen, kleinen madchen, junges madchen, junge madchen, kleines maedchen, junges maedchen, kleiner junge, kleinen jungen, kleine jungs, ein kind, das kind, tochterchen, vorpubertar*, unter 18, unter achtzehn, kindergarten*, kita kind*`,
  minorBesideOwn: `kind, junge, jungen, jungs, bub, buben, madel*, tochter, sohn, bube`,
  maybeMinor: `madchen*, maedchen*`,
  youthful: `jung, jungfrau*, schulerhaft`,
  hate: `judensau*, kanake*, kanacke*, nigger*, neger, zigeunerpack, schwuchtel*, untermensch*, missgeburt*, judenschwein*, vergasen`,
  hateSymbol: `hakenkreuz*, hitlergruss*, nazi*, waffen ss, ss uniform, drittes reich, reichskriegsflagge*`,
  gore: `enthaupt*, gekopft*, gekoepft*, zerstuckelt*, zerstueckelt*, verstummelt*, verstuemmelt*, abgetrennter kopf, abgeschlagener kopf, gefoltert*, folter, foltern, eingeweide, leiche, leichen, blutbad, gemetzel, massaker`,
  selfHarm: `selbstmord*, suizid*, selbstverletz*, ritzen sich, pulsadern*, erhangt sich`,
  profanity: `scheiss*, scheisse*, scheiße*, scheiß*, arschloch*, arsch, wichser*, verfickt*, schlampe*, hurensohn*, mistkerl`,
};

export const spanish: WordList = {
  sexualMinor: `pornografia infantil, porno infantil, pedofil*, abuso infantil`,
  explicit: `porno*, sexo, sexual*, follar*, follando, follada*, coger duro, mamada*, masturba*, orgasm*, orgia*, puta, putas, tetas, coño*, cono peludo, polla, pollas, verga, vergas, culo, culos, corrida facial, violacion, violada*, prostitut*, semen, zorra, zorras, chupame, eyacula*`,
  anatomy: `pene, penes, vagina*, vulva*, genitales, pezon*, testiculo*, pechos desnudos, partes intimas`,
  nudity: `desnud*, desnuda*, sin ropa, sin ropas, encuerad*, en cueros, en pelotas, desvest*, desvist*, quitale la ropa, quitarse la ropa, topless, semidesnud*, nudista*`,
  suggestive: `sexy, sensual*, erotic*, seductor*, provocativ*, lenceria*, ropa interior, tanga, tangas, bragas, sostenes, escotad*, caliente y`,
  minor: `niña*, niñita*, niñito*, niño*, niñas, niños, menor de edad, menores de edad, menores, colegial*, escolar*, adolescente*, quinceañer*, quinceaner*, bebe, bebes, infantil*, chiquill*, criatura pequeña, preadolescente*, jovencit*, alumna*, alumno*, nenita*`,
  minorBesideOwn: `nina, ninas, nino, ninos, nena, nenas, nene, nenes, chica, chicas, chico, chicos, muchach*, menor, hija, hijas, hijo, hijos, bebe, ninita*`,
  maybeMinor: `chiquita*`,
  hate: `maricon*, sudaca*, negrata*, negro de mierda, moro de mierda, panchito*, judio de mierda`,
  gore: `decapitad*, decapita*, desmembrad*, descuartiz*, mutilad*, torturad*, tortura, destripad*, cadaver*, cabeza cortada, masacre*, visceras`,
  selfHarm: `suicidio*, suicidarse, suicida*, autolesion*, cortarse las venas`,
  profanity: `mierda*, joder*, jodid*, cabron*, gilipollas*, pendej*, hijo de puta, hijueputa*, carajo*, chingad*, chinga tu*`,
};

export const french: WordList = {
  sexualMinor: `pedopornograph*, pedoporno*, pornographie infantile, pedophil*`,
  explicit: `porno*, sexe, sexes, sexuel*, baiser nu*, baise, baiser une femme, sodomi*, fellation*, masturb*, orgasm*, partouze*, pute, putes, putain de salope, salope*, chatte rasee, couille*, nichon*, enculer*, encule, encules, violee, violer, sperme, levrette, branlette*, niquer*`,
  anatomy: `penis, vagin, vagins, vulve*, genitales, genitaux, mamelons, testicule*, parties intimes`,
  nudity: `nue, nues, denudee*, deshabill*, devetu*, sans vetement*, sans habits, a poil, toute nue, femme nu, homme nu, tout nu, seins nus, nudite*, nudiste*, torse nu femme, corps nu, corps nus, mise a nu, enfant nu, garcon nu, hommes nus, garcons nus, enfants nus, nus`,
  suggestive: `sexy, sensuel*, erotique*, erotisme, seduisant*, aguichant*, lingerie*, sous vetement*, string rouge, petite culotte*, soutien gorge*, coquine*, coquin, decollete*`,
  minor: `enfant*, fillette*, petite fille*, petit garcon*, petites filles, petits garcons, jeune fille*, jeunes filles, jeune garcon, gamin*, mineur*, ecolier*, ecoliere*, lyceen*, collegien*, adolescent*, ado, ados, bebe, bebes, bambin*, nourrisson*, gosse, gosses, preado*, moins de 18`,
  minorBesideOwn: `fille, filles, garcon, garcons, eleve, eleves, fils, petite, petit`,
  hate: `negre, negres, bougnoule*, youpin*, pede, pedes, tapette*, bamboula*, sale juif, sale arabe, sale noir, tarlouze*`,
  gore: `decapit*, demembr*, eventr*, mutile*, tortur*, cadavre*, tete coupee, eviscer*, massacre*, egorg*`,
  selfHarm: `suicide*, suicider, se suicider, automutil*, s ouvrir les veines`,
  profanity: `merde*, putain*, connard*, connasse*, enfoire*, encule*, bordel de merde, salaud*`,
};

export const italian: WordList = {
  sexualMinor: `pedopornograf*, pedofil*`,
  explicit: `porno*, sesso, sessual*, scopare, scopata*, pompino*, masturba*, orgasm*, orgia, orge, puttana*, zoccola*, tette, cazzo, cazzi, culo, culi, stupro*, stuprat*, sborra*`,
  anatomy: `pene, vagina, vulva, genitali, capezzol*, testicol*, parti intime`,
  nudity: `nudo, nuda, nudi, nuda*, ignud*, svestit*, spogliat*, spogliarell*, senza vestiti, senza abiti, seminud*, in topless, nudita`,
  suggestive: `sexy, sensual*, erotic*, seducent*, provocant*, lingerie*, intimo sexy, biancheria intima, mutandin*, perizoma*, reggiseno*`,
  minor: `bambin*, ragazzin*, minorenn*, adolescent*, neonat*, scolar*, scolaretta*, fanciull*, pargol*, liceal*, bimba*, bimbo, bimbi, bimbe, alunna*, alunno*`,
  minorBesideOwn: `ragazza, ragazze, ragazzo, ragazzi, figlia, figlio, figlie, studentessa`,
  hate: `frocio, froci, finocchio di merda, negro di merda, ebreo di merda, terrone, terroni, ricchion*`,
  gore: `decapitat*, smembrat*, mutilat*, torturat*, tortura, sventrat*, cadaver*, testa mozzata, massacr*, squartat*`,
  selfHarm: `suicidio*, suicidar*, autolesion*, tagliarsi le vene`,
  profanity: `merda*, stronz*, vaffancul*, coglion*, minchia*, bastard*, porco dio, porca puttana`,
};

export const portuguese: WordList = {
  sexualMinor: `pornografia infantil, pedofil*`,
  explicit: `porno*, sexo, sexual*, foder, fodendo, foda, boquete*, punheta*, masturba*, orgasm*, orgia*, puta, putas, buceta*, boceta*, piroca*, rola dura, caralho*, peitos nus, tesao, estupro*, estuprad*, putaria*, bunda, bundas, gozada*`,
  anatomy: `penis, vagina*, vulva*, genitais, mamilo*, testiculo*, partes intimas`,
  nudity: `nua, nuas, pelad*, despid*, sem roupa*, sem roupas, desnud*, seminu, seminua*, nudez, tirar a roupa, homem nu, menino nu, mulher nu, corpo nu, corpos nus, crianca nu`,
  suggestive: `sexy, sensual*, erotic*, sedutor*, provocant*, lingerie*, calcinha*, roupa intima, decote*, gostosa*, safad*`,
  minor: `crianca*, menina*, menino*, menor de idade, menores de idade, adolescente*, bebe*, novinha*, novinho*, estudante colegial, colegial*, infantil*, garotinh*, pre adolescente*, moleque*, aluna, alunas, ninfeta*, rapazinho*`,
  minorBesideOwn: `garota, garotas, garoto, garotos, filha, filhas, filho, moca, rapariga*, menor`,
  hate: `viado*, bicha*, crioulo*, macaco preto, judeu de merda, negro de merda, traveco*`,
  gore: `decapitad*, esquartejad*, mutilad*, torturad*, tortura, estripad*, cadaver*, desmembrad*, massacre*, cabeca cortada`,
  selfHarm: `suicidio*, suicidar*, automutila*, cortar os pulsos`,
  profanity: `merda*, porra, foda se, filho da puta, arrombad*, cuzao, cuzão`,
};

export const russian: WordList = {
  sexualMinor: `детское порно, детская порнограф*, детской порнограф*, педофил*`,
  explicit: `порно*, порнуха*, секс*, сексуальн*, трах*, ебать*, ебет*, ебля, ебут, минет*, мастурб*, оргазм*, оргия*, оргии, шлюх*, проститут*, сиськи, сиська*, сисек, титьки, хуй*, хуе*, хуи, пизд*, анал, анальн*, изнасил*, дроч*, сперм*, хентаи, дилдо, жопа, жопы, жопу`,
  anatomy: `пенис*, вагин*, влагалищ*, половои член, член*, гениталии, соски, сосок, яички, интимные места`,
  nudity: `голая, голую, голои, голые, голых, голыи, голого, голым, голыш*, голышом, обнажен*, нагая, нагие, нагои, нагую, нагишом, раздет*, раздев*, разден*, без одежды, без белья, топлес*, топлесс*, ню, нудист*`,
  suggestive: `секси, сексапильн*, эротик*, эротич*, соблазнит*, соблазня*, нижнее белье, нижнем белье, трусик*, трусы, стринги, лифчик*, развратн*, возбужден*, пошлая, пошлое`,
  minor: `ребен*, дети, детеи, детск*, детеныш*, девочк*, мальчик*, школьниц*, школьник*, малолет*, несовершеннолет*, подрост*, младен*, лоли, лолита*, малыш*, первоклас*, дошкольн*, детишк*, юная девочка, дочурк*`,
  maybeMinor: `девушка подросток, дочка, дочери, дочь, сын, сына, юная, юную, юнои, юные, девчонк*, девчушк*, мальчуган*`,
  hate: `нигер*, ниггер*, жид, жиды, жидов*, хач, хачи, чурка, чурки, пидор*, пидарас*, пидорас*, хохлы недочеловеки, черножоп*`,
  hateSymbol: `свастик*, гитлер*, нацист*, фашистск*`,
  gore: `обезглавл*, расчлен*, отрубленн*, отрезанная голова, пытк*, пытают, кишки наружу, труп, трупы, трупа, трупов, изуродован*, резня, потрошен*`,
  selfHarm: `самоубии*, суицид*, самоповрежд*, вскрыть вены, повесился, повесилась`,
  profanity: `бля, блять, блядь, бляд*, сука, суки, говно*, дерьмо*, мудак*, хуйня*, хуиня*, ебан*`,
};

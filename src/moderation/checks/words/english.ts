/** A defensive list: single terms, so that prompts with them are caught. */
import type { WordList } from './list.ts';

export const english: WordList = {
  sexualMinor: `
    lolicon*, lolikon*, shotacon*, shotakon*, toddlercon*, jailbait*, child porn*, childporn*, kiddie porn*, kiddy porn*,
    kid porn*, teen porn*, csam, csem, pthc, pedophil*, paedophil*, pedofil*, pedobear, pedo porn*, preteen model*,
    child sex*, kiddie sex*, underage sex*, underage porn*, child erotic*, child grooming, barely legal, barelylegal,
    age play, ageplay, cunny, map attracted`,
  explicit: `
    porn, porno, porn*, *porn, pr0n, p0rn*, hentai*, ecchi, ahegao, futanari, yiff, rule34, rule 34, r34, xxx, xxxx, nsfw,
    x rated, sex, sexs, sexed, sexing, sexting, having sex, sex scene*, sex tape*, sextape*, sex act*, sex toy*,
    sexually explicit, sexual act*, sexual intercourse, sexual*, intercourse, coitus, fornicat*, copulat*, blowjob*, blow job*,
    handjob*, hand job*, footjob*, rimjob*, titjob*, deepthroat*, deep throat*, fellatio, cunnilingus, analingus, masturbat*,
    mastrubat*, jerking off, jerk off, jack off, jacking off, fingering herself, orgasm*, ejaculat*, cumshot*, cum, cums, cumming,
    cummed, creampie*, bukkake, gangbang*, gang bang*, threesome*, orgy, orgies, anal, anal sex, doggystyle, doggy style,
    missionary position, cowgirl position, bdsm, bondage, dominatrix, fetish*, fisting, dildo*, vibrator*, buttplug*, butt plug*,
    strapon*, strap on dildo*, fleshlight*, milf, milfs, slut*, whore*, horny, boner*, erection*, erect penis*, hard on,
    erotica, rape, raped, rapes, raping, rapist*, molest*, sexual abuse, sexually abus*, incest*, bestiality, zoophil*, necrophil*,
    tits, titties, titty, boob, boobs, boobies, boobie, big boobs, bigboobs, cock, cocks, dick, dicks, dickpic*, pussy, pussies, cunt*,
    clit, clits, nipslip*, upskirt*, up skirt, downblouse*, cameltoe*, camel toe*, onlyfans, only fans, pornhub*, stripper*,
    prostitut*, striptease*, strip tease, lap dance*, lapdance*, queef*, jizz, semen, sperm, 🔞`,
  anatomy: `
    penis*, phallus*, vagina*, vulva*, labia, clitor*, testicle*, scrotum*, genital*, anus, anuses, areola*, nipple*,
    pubic*, crotch, crotches, crotchless*, private parts, intimate parts`,
  nudity: `
    nude*, nudes, nudity, nudi, nudist*, nudism, naked*, *naked, nekkid, topless*, bottomless girl*, bottomless woman, bottomless women,
    unclothed, undress, undressed, undressing, undresses, disrobe*, disrobing, unclad, clothesless, clothless, bare naked,
    in the buff, birthday suit, without clothes, without any clothes, without clothing, without any clothing, no clothes,
    no clothing, wearing nothing, wears nothing, wearing no clothes, not wearing clothes, not wearing anything, stripped off, stripping off, strip naked, stripping her, stripping his, strip her, strip him, strip them, strip off, take off her clothes, take off his clothes, take off their clothes,
    remove her clothes, remove his clothes, remove their clothes, remove clothes, remove clothing, remove all clothes,
    clothes off, clothes removed, removed clothes, remove her dress, remove her shirt, remove her bra, remove her bikini,
    bare breast*, bare chested woman, bare chested women, bare chested girl*, bare butt*, bare ass, bare bottom*, bare buttocks, bare body, exposed breast*,
    exposed body, exposing herself, exposing himself, showing breasts, show breasts, see through clothes, see through dress,
    see through shirt, transparent clothes, transparent dress, x ray clothes, deepnude*, deep nude*, nudify*, undress ai, birthdaysuit,
    skinny dip*, skinnydip*, fully exposed, bare skinned, barenaked`,
  suggestive: `
    sexy, sexi, hooker, hookers, sexier, sexiest, sexily, sexyness, sexiness, seductive*, seducing, seduce, seduces, seduction, sensual*, erotic,
    erotically, eroticism, erotism*, provocative pose*, lewd*, kinky, naughty, lusty, lustful*, lingerie*, thong, thongs,
    g string, gstring, panties, panty, pantyshot*, underwear, undies, in her bra, in a bra, bra and, negligee*, babydoll lingerie,
    micro bikini, string bikini, cleavage*, voluptuous*, big breast*, huge breast*, large breast*, small breast*, flat chest*, breasts, busty,
    bikini model*, playboy bunny, pin up, pinup*, thirst trap*, spread legs, legs spread, spreading legs, spreading her legs,
    curvy body, twerk*, hot body, hotties, hottie, aroused, arousing, arousal, intimate pose*, buttocks, bubble butt*, orgasmic,
    fetishwear, latex suit, moaning, suggestive pose*, sultry, nubile, wet t shirt*, wet tshirt*, steamy shower, panty shot*`,
  minor: `
    child, childs, children, childrens, childish body, childlike, kid, kids, kiddie*, kiddo*, kiddy, kidz, toddler*, infant*, newborn*,
    baby, babies, babygirl*, babyboy*, schoolgirl*, schoolboy*, school girl*, school boy*, schoolkid*, school kid*, schoolchild*, schoolage*, school age*,
    school uniform*, loli, lolis, lolita*, lolli, shota, shotas, teen, teens, teenage, teenaged, teenager*, teeny, teenie, preteen*, pre teen*, tween, tweens, tweenage*,
    pubescent*, prepubescent*, pre pubescent*, puberty, adolescen*, juvenile*, minor, minors, underage*, under age, under aged, underaged, pedo, pedos,
    little girl*, little boy*, young girl*, young boy*, small girl*, small boy*, tiny girl*, tiny boy*, younger girl*, younger boy*, litle girl*, lil girl*, lil boy*,
    girl child, boy child, girl scout*, boy scout*, cub scout*, brownie scout*, kindergart*, kindergarden*, preschool*, pre school*, nursery school, elementary school*, primary school*,
    middle school*, grade school*, junior high, high school*, highschool*, secondary school*, grader, graders, sixth former*, not yet 18, not 18, jail bait,
    little sister*, little brother*, little daughter*, little son, young daughter*, young son, stepdaughter*, under eighteen, minor aged, youngling*, childhood`,
  maybeMinor: `girl, girls, gurl, gurls, girly, girlie, girlies, grl, boy, boys, boi, bois, lass, daughter*, niece*, nephew*, 1girl, 2girls, 1boy, 2boys, nymphet*`,
  youthful: `lad, lads, son, sons, orphan*, pupil, pupils, young, younger, youngster*, youth, youths, youthful*, petite, student*, innocent, babyface*, baby face*, barely adult, freshman, freshmen, cheerleader*, virgin*, tiny body, flat chested, school, classroom`,
  hate: `
    nigger*, nigga*, n1gg*, niglet*, negroid*, faggot*, fagot, fagots, fag, fags, kike*, spic, spics, wetback*, chink, chinks, gook, gooks, towelhead*,
    raghead*, sandnigger*, sand nigger*, tranny, trannies, shemale*, coon, coons, darkie, darkies, jigaboo*, porch monkey*, subhuman*, untermensch*,
    gas the jews, kill all jews, kill the jews, death to jews, kill all muslims, kill all blacks, kill all gays, white power, heil hitler, sieg heil, lynch a, lynching, ethnic cleansing,
    white supremac*, retard, retarded, retards, zipperhead*, beaner, beaners, golliwog*`,
  hateSymbol: `swastika*, hakenkreuz*, hitler*, adolf hitler, nazi, nazis, nazism, neonazi*, neo nazi*, kkk, ku klux klan, klansman, klansmen, ss uniform, waffen ss, third reich, isis flag, goebbels, himmler, totenkopf, blackface, concentration camp*, holocaust`,
  gore: `
    gore, gory, guro, behead*, decapitat*, dismember*, disembowel*, eviscerat*, mutilat*, severed head*, severed limb*, severed arm*, severed hand*, severed leg*,
    entrails, intestines spilling, guts spilling, spilled guts, brains splatter*, blood splatter*, bloodbath*, blood bath, bloody corpse*, mangled corpse*, mangled body, rotting corpse*, dead body, dead bodies,
    corpse*, cadaver*, impaled, flayed, skinned alive, burned alive, burnt alive, torture, tortured, torturing, tortures, execution by, being executed, slit throat*, throat slit, cannibal*, snuff film*, massacre*, slaughtered people, stabbed to death, shot in the head, school shooting*, school shooter*, mass shooting*, hanged man corpse, crushed skull*, animal cruelty, animal abuse`,
  selfHarm: `
    suicide, suicides, suicidal, commit suicide, kill myself, killing myself, kill himself, kill herself, killing himself, killing herself, self harm*, selfharm*, self injur*, self mutilat*, cutting wrists, cut wrists, slit wrists, slitting wrists, slashed wrists, hanging himself,
    hanging herself, hang myself, overdosing, pro ana, proana, thinspo*, thinspiration`,
  profanity: `
    fuck*, *fuck, *fucker*, fuk, fuking, fucc, fck, fcking, phuck*, wtf, stfu, shit, shits, shitty, shite, shitting, *shit, bullshit*, bitch*, bastard*, asshole*, arsehole*, ass, asses, arse, arses, jackass*, dumbass*, badass fuck, damn fuck,
    motherf*, cocksuck*, dickhead*, prick, pricks, wank*, twat, twats, bollock*, piss, pissed, pissing, pisses, turd, turds, douchebag*, goddamn*`,
};

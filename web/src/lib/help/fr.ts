import type { Topic } from './index';

/** Le guide en français ; sujets et ordre comme dans en.ts. */
export const topics: Topic[] = [
  {
    id: 'recording',
    title: 'Voir comment un enregistrement est regardé',
    also: ['Analyses d’un enregistrement', 'View analytics', 'vidéo', 'image', 'audio'],
    text: `
1. Ouvrez **Mes médias**. Chaque ligne est un enregistrement ; trouvez le vôtre avec le champ de recherche, ou partout avec la touche **/**.
2. Appuyez sur son nom. La page de l’enregistrement s’ouvre avec la période que vous aviez choisie.

Dans votre LMS, la même page s’ouvre depuis la navigation du cours ou par le lien d’analyse du lecteur.

De haut en bas, la page montre les chiffres clés, **Où l’on regarde** (seconde par seconde), les spectateurs avec les parties que chacun a lues, les chiffres au fil du temps, le chemin de l’affichage à la fin, les lieux, les appareils, les domaines et les pages. Une image n’a pas de frise : ses spectateurs sont ceux à qui elle a été affichée. Un quiz a plutôt des tentatives, des scores et des réponses.

Vous voyez cette page pour ce que vous possédez ou coéditez, et pour les enregistrements des cours et chaînes que vous enseignez ou gérez. Ce qui est à d’autres n’est pas montré et semble ne pas exister.
`,
  },
  {
    id: 'my-media',
    title: 'Voir ensemble tout ce qui est à vous',
    also: ['My Analytics', 'mes analyses', 'propriétaire', 'tous les médias'],
    text: `
**Mes médias** montre tous vos enregistrements comme un seul : ce qui y est additionné est ce que vous possédez, sauf si vous choisissez autrement à côté du titre : ce que vous possédez, ce que vous coéditez, ou les deux.

La liste des enregistrements se cherche, se trie par chaque colonne et se feuillette. Un nom ouvre un enregistrement ; une barre, où qu’elle soit, restreint toute la page à elle.

Les spectateurs ne s’additionnent pas d’un enregistrement à l’autre : qui en a regardé cinq des vôtres compte une fois dans le total. Voir [pourquoi les nombres peuvent différer](/help/differ).
`,
  },
  {
    id: 'course',
    title: 'Voir un cours ou une chaîne',
    also: ['Media Gallery', 'médiathèque du cours', 'catégorie', 'cours Canvas'],
    text: `
Enseignants, assistants et concepteurs voient leurs cours ; les gestionnaires voient leurs chaînes. Ouvrez **Cours et chaînes**, ou appuyez sur **/** et tapez le nom du cours. Depuis le LMS, la page du cours s’ouvre aussitôt.

- **Rythme d’étude** met les enregistrements face aux semaines : quelle part de la classe a lu quoi, et quand.
- **Où c’est lu** partage les lectures en trois : voir [médiathèque, cours, ailleurs](/help/placement).
- **Qui n’a pas regardé** connaît trois états : **Regardé**, **Pas regardé** (affiché, mais pas lu) et **Impossible à dire**. « Impossible à dire » n’est pas « n’a pas regardé » : voir [ce que les noms disent et ne disent pas](/help/names).
- **Ce semestre** tire ses jours du LMS ou du catalogue. **Comparer avec la session précédente** place la session antérieure du cours derrière celle-ci, semaine par semaine.

Dans un cours, vous voyez les noms dans sa médiathèque et ses pages. Ce que le même enregistrement a reçu ailleurs est un total sans noms.
`,
  },
  {
    id: 'period',
    title: 'Choisir des jours et les comparer',
    also: ['Date range', 'période', 'dates', '30 derniers jours', 'depuis la création', 'fuseau horaire'],
    text: `
Le bouton à l’horloge dit quels jours sont montrés. Sans autre choix, ce sont les **30 derniers jours jusqu’à hier** : aujourd’hui manque parce qu’il n’est pas fini. Ce qui s’est passé aujourd’hui figure dans la ligne **Aujourd’hui jusqu’ici**.

- Les préréglages sont des jours entiers : 7, 30 ou 90 jours, 12 mois, cette semaine, ce mois, ce trimestre, cette année, ce semestre, depuis la création. À côté figurent leur premier et leur dernier jour.
- **Inclure aujourd’hui (pas fini)** ajoute le jour en cours. Depuis la création et les jours tapés l’incluent d’eux-mêmes.
- Tapez un premier et un dernier jour, choisissez-les dans le **Calendrier**, ou tirez sur un graphique, pour toute autre plage.
- **Comparer avec** place derrière chaque chiffre la période précédente, les mêmes jours un an avant, autant de jours à partir d’un jour quelconque, ou la session précédente d’un cours : en pointillé dans les graphiques, avec une flèche sur les tuiles. **Aussi dans les tableaux et les listes** l’ajoute à chacune de leurs lignes.

Les jours se comptent dans un seul fuseau horaire, nommé sous le titre. Il fait partie de l’adresse : un collègue ailleurs qui ouvre votre lien voit vos jours.
`,
  },
  {
    id: 'filters',
    title: 'Filtrer ce qui est montré',
    also: ['Filter menu', 'type de média', 'étiquettes', 'filtrer par lieu', 'vues enregistrées'],
    text: `
- Appuyez sur une barre, une part ou une valeur d’une liste : toute la page ne montre plus que cela. Appuyez de nouveau pour l’annuler.
- **Filtrer** énumère tout ce par quoi l’on peut filtrer : type de média, étiquette, propriétaire, enregistrement, cours, lieu de lecture, spectateur, pays, région, ville, domaine, page, appareil, système d’exploitation, navigateur, et d’autres. Derrière chaque valeur figure le nombre de ses lectures dans ce qui est montré.
- Les filtres figurent sous le titre comme des phrases : « Pays **est** Allemagne ou Inde ». Appuyez sur le verbe pour l’inverser : **est**, **n’est pas**. **Contient** et **ne contient pas** prennent une partie du texte.
- Plusieurs valeurs d’un filtre veulent dire *l’une d’elles* ; plusieurs filtres doivent valoir *tous*.

Filtres, jours et comparaison sont dans l’adresse. Un signet ou un lien les garde, le bouton Retour du navigateur enlève le dernier. **Vues enregistrées** garde une adresse sous un nom, pour vous ou pour tous dans le compte.
`,
  },
  {
    id: 'highlights',
    title: 'Les chiffres clés en haut',
    also: ['Highlights', 'Player impressions', 'affichages', 'Unique viewers', 'minutes vues', 'lectures'],
    text: `
| Chiffre | Ce qu’il compte |
| **Affichages** | combien de fois un lecteur a été affiché : une par lecteur et par chargement de page |
| **Lectures** | combien de fois une première image a été vue ; reprendre après une pause n’en est pas une. Dessous : de combien d’enregistrements |
| **Spectateurs uniques** | personnes différentes. Tous les non-connectés comptent pour **un**, appelé Inconnu |
| **Minutes vues** | minutes de l’enregistrement réellement lues, répétitions comprises. À double vitesse comptent les minutes de l’enregistrement, non celles de l’horloge |
| **Point atteint** | le point atteint, en moyenne des lectures. **Plus haut est mieux**, malgré le nom de Kaltura, « drop-off » |
| **Achèvement** | la part de l’enregistrement réellement lue, en moyenne des lectures |

Appuyez sur une tuile pour la tracer dans le graphique dessous. Le « i » de chacune a sa définition, et **Pourquoi ce nombre peut-il différer ?** en fait le calcul.

La flèche compare avec la période choisie. Quand la base est petite, les deux nombres eux-mêmes sont montrés : « 3 → 9 » dit plus que « +200 % ». Les parts changent en points (pt).
`,
  },
  {
    id: 'placement',
    title: 'Médiathèque, cours, ailleurs',
    also: ['Category page views', 'contexte de lecture', 'Où c’est lu'],
    text: `
Un enregistrement d’un cours peut être lu à trois endroits :

- **Médiathèque** : sur la page de médias propre au cours ou à la chaîne.
- **Dans ce cours** : intégré dans une page, un quiz ou un devoir du cours. Il n’y compte que si c’est prouvé : par un lancement depuis le LMS, par un jeton signé ou par l’adresse de la page.
- **Ailleurs** : partout ailleurs, aussi là où le navigateur ne dit pas sur quelle page.

Kaltura montre le premier face à la somme de tout, sous le nom *Category page views*. Ici, les trois ensemble donnent les lectures des enregistrements du cours.
`,
  },
  {
    id: 'top',
    title: 'Meilleurs enregistrements et meilleurs spectateurs',
    also: ['Top Videos', 'Top Viewers', 'engagement', 'classement', 'score'],
    text: `
**Meilleurs enregistrements** suit le score d’engagement, sauf si vous triez autrement ; chaque liste nomme son ordre en tête de colonne. Le score va de 0 à 10 : jusqu’à 5 pour les lectures et 2,5 pour les spectateurs, l’un et l’autre par rapport au meilleur enregistrement de la liste, et jusqu’à 2,5 pour l’achèvement. Le classement de Kaltura est fait de même.

**Meilleurs spectateurs** suit les minutes vues, et les lectures d’une pression. Un rang élevé veut dire que beaucoup de minutes ont été signalées, rien de plus : voir [ce que les noms disent et ne disent pas](/help/names).
`,
  },
  {
    id: 'insights',
    title: 'Ce qui ressort',
    also: ['Insights', 'domaine le plus vu', 'lieux', 'jour de pointe'],
    text: `
Des phrases qui disent ce qu’un graphique vous ferait trouver : le domaine aux plus nombreuses lectures et sa part, les premiers lieux, l’appareil le plus utilisé, le jour le plus actif, la seconde la plus revue, la perte la plus raide. Chacune mène au panneau qui la prouve.

Elles ne bougent pas, se lisent avec un lecteur d’écran et s’impriment avec la page.
`,
  },
  {
    id: 'timeline',
    title: 'Où l’on regarde',
    also: ['frise', 'carte de chaleur', 'vues et spectateurs', 'temps mort à la fin', 'dead air'],
    text: `
La surface montre combien de personnes ont vu chaque seconde. Au-dessus, dans une autre couleur, combien de fois ces personnes ont lu la seconde **de nouveau**. Une personne compte une fois par seconde, même si elle y revient souvent. Entre les deux, en gris, figurent les vues des personnes non connectées : une seule est-elle venue deux fois, ou deux une fois chacune ? On ne peut le savoir ; elles sont donc montrées à part et comptent comme un seul spectateur.

- Pointez, tirez ou utilisez les flèches du clavier pour lire n’importe quelle seconde.
- Pendant que l’enregistrement se lit ici, une ligne montre où il en est. Appuyer sur une seconde ou un moment lit à partir de là ; après les flèches du clavier, la touche Entrée aussi. Ce que vous lisez ici n’est pas compté, sauf si votre établissement montre son propre lecteur dans un cadre.
- **Moments** nomme ce qui ressort : le plus revu, une perte raide, la fin du contenu.
- **Typique pour ce propriétaire** pose par-dessus, en pointillé, combien de leurs premiers spectateurs gardent les enregistrements du même propriétaire et de durée semblable.
- **Temps mort à la fin** : souvent presque tous partent ensemble avant la fin, parce que plus rien ne vient. Alors presque personne n’atteint 100 %, et rien n’est faux. Les propriétaires peuvent marquer la fin du contenu ; l’achèvement compte alors jusque-là.
`,
  },
  {
    id: 'parts',
    title: 'Quelles parties chaque spectateur a lues',
    also: ['View Engagement Per User', 'engagement par spectateur', 'carte de chaleur par personne'],
    text: `
Chaque ligne est une personne, avec une bande de tout l’enregistrement. Hauteur et couleur disent combien de fois chaque seconde a été lue : pas du tout, une fois, deux fois, plus souvent. **Parties en mots** écrit la même chose en temps : « 0:00–4:30, 6:10–7:00 (2 fois) ».

Les non-connectés forment une seule ligne, **Inconnu**. Un bouclier veut dire qu’une signature a prouvé le nom ; **déclaré** veut dire que la page a nommé la personne et que rien ne l’a prouvé.

**Masquer les noms** (l’œil) remplace les noms par des codes courts, pour montrer votre écran à d’autres.

Lisez [ce que les noms disent et ne disent pas](/help/names) avant de conclure quoi que ce soit sur une personne.
`,
  },
  {
    id: 'over-time',
    title: 'Les chiffres au fil du temps',
    also: [
      'Performance over time',
      'View Details',
      'Avg. Drop Off Rate',
      'Avg. Completion Rate',
      'évolution',
    ],
    text: `
Appuyez sur une tuile pour choisir ce qui est tracé, et Jour, Semaine ou Mois pour le pas. La ligne en pointillé est la période comparée. Une fin en points est aujourd’hui, qui grandit encore. Tirez sur le graphique pour choisir ces jours. Une **deuxième mesure** peut être posée à côté de la première ; quand une seule échelle ne convient pas aux deux, chacune a la sienne.

Sous l’axe figurent les **Notes** : enregistrements ajoutés, moments où rien n’a été collecté, et ce que les gens écrivent, par exemple un examen. L’administration écrit sur tout, les enseignants sur leur cours, les propriétaires sur leurs enregistrements.

**Tableau** montre les mêmes nombres ; les tableaux dessous les détaillent par jour, spectateur, enregistrement et cours, comme *View Details* chez Kaltura. Avec une comparaison, chaque ligne dit sous son nombre comment il a changé, et par rapport à quoi.

- **Avg. drop off rate** s’appelle ici *point atteint*. C’est la moyenne du dernier quart que les lectures ont atteint : 20 % compte 0, 80 % compte 75. Plus haut est mieux.
- **Avg. completion rate** s’appelle *achèvement* : ce qui a réellement été lu. Un saut à la fin ne l’augmente pas.
- Beaucoup de gens voient tout ce qui importe et n’atteignent jamais 100 % : voir le temps mort sous [où l’on regarde](/help/timeline).
`,
  },
  {
    id: 'funnel',
    title: 'De l’affichage à la fin',
    also: ['How player impressions lead to engagement', 'entonnoir', 'quarts', 'play-through'],
    text: `
Six étapes à la fois : affiché, lu, et 25, 50, 75, 100 %. Chacune a sa part de la première étape et de la précédente.

**Signalé atteint** est ce que les lecteurs disent avoir passé ; un saut à la fin passe tous les repères. **Vraiment lu** ne compte que les lectures où cette part a réellement été lue. L’écart entre les deux, ce sont les passages sautés.
`,
  },
  {
    id: 'places',
    title: 'Pays, régions et villes',
    also: ['Top Countries', 'carte', 'géographie', 'lieu'],
    text: `
Les lieux se déduisent de l’adresse réseau au moment du visionnage. L’adresse elle-même n’est pas gardée. Un pays mène à ses régions, une région à ses villes ; la liste à côté de la carte est complète, la carte en est l’illustration. Les régions sont des surfaces, les villes des points aussi grands que leurs lectures ; une région dont la forme n’est pas connue est un point, elle aussi.

Un VPN montre le lieu de sa sortie, et un réseau mobile souvent une seule ville pour toute une région. Les spectateurs qui demandent à ne pas être suivis comptent sans région ni ville.
`,
  },
  {
    id: 'devices',
    title: 'Appareils et logiciels',
    also: ['Devices Overview', 'navigateurs', 'systèmes d’exploitation', 'technologie'],
    text: `
Le type d’appareil, le système et le navigateur se déduisent de ce que le navigateur dit de lui-même pendant la lecture ; ce texte n’est pas gardé. Les tablettes se disent souvent ordinateurs. Chaque part et chaque ligne peut être pressée pour filtrer la page.
`,
  },
  {
    id: 'domains',
    title: 'Domaines et pages',
    also: ['Top Domains', 'Page URLs', 'domaine inconnu', 'où intégré', 'kaf'],
    text: `
Un domaine est le site où se trouvait le lecteur ; appuyez dessus pour ses pages. Ils sont triés par lectures. Les pages s’ouvrent dans un nouvel onglet ; vous n’avez peut-être pas le droit de les ouvrir.

| Vous voyez | Cela veut dire |
| l’adresse de votre LMS | un code de lecteur a été collé dans une page du LMS |
| une adresse avec « kaf » | le média a été ouvert par l’outil de Kaltura dans le LMS ; rien à faire |
| une adresse avec « quiz-lti » | collé dans une question de New Quizzes ; on ne peut dire laquelle |
| une adresse finissant par canvas-user-content.com | collé dans un fichier déposé dans le LMS |
| une adresse avec « scorm » | dans un paquet SCORM |
| googleusercontent.com | intégré dans un Google Site |
| qualtrics.com | intégré dans une enquête |
| articulateusercontent.com | dans un cours Articulate |
| mediaspace | votre portail média lui-même ; rien à faire |
| page non révélée | le navigateur a dit le site, et non la page |
| Inconnu, C:, localhost | une page enregistrée, une application, ou un navigateur qui cache où il est |

Ce que votre établissement sait de chacun figure dans [Domaines et intégrations](/embeds). Pour trouver les pages qui ont besoin d’un nouveau code, voir [trouver les intégrations](/help/embeds).
`,
  },
  {
    id: 'embeds',
    title: 'Trouver les intégrations à mettre à jour',
    also: ['mise à niveau du lecteur', 'player upgrade', 'code d’intégration', 'inventaire', 'migration'],
    text: `
1. Ouvrez **Domaines et intégrations**. La page montre les 12 derniers mois.
2. Choisissez la **campagne**, par exemple une mise à niveau du lecteur. Chaque domaine dit alors si ses intégrations doivent être mises à jour, pourquoi et pour quand.
3. Ouvrez un domaine pour voir ses pages, et sur chacune les enregistrements avec leurs identifiants, lectures, premier et dernier jour vus.
4. Mettez la page à jour (elle s’ouvre dans un nouvel onglet), puis marquez-la **fait**. Vous pouvez noter qui s’en charge, et une remarque.
5. **Inventaire en CSV** donne toute la liste en fichier.

Une page marquée comme faite et revue en train de lire à l’ancienne manière revient d’elle-même dans la liste.

Ce qui ne peut être trouvé : les pages que personne n’a ouvertes dans la période, et celles dont le navigateur ne dit pas l’adresse (New Quizzes, SCORM, certaines enquêtes). De celles-ci, seul le domaine est connu. Les pages téléchargées ne peuvent pas être changées du tout.
`,
  },
  {
    id: 'naming',
    title: 'Publier pour que les spectateurs soient nommés',
    also: ['spectateurs inconnus', 'non répertorié', 'unlisted', 'connexion', 'analyses par utilisateur'],
    text: `
Un spectateur n’a de nom que si la page qui montre le lecteur dit qui est connecté, et le prouve.

- **Nommé** : un média ajouté au cours avec l’outil média du LMS ; la médiathèque du cours ; une page de chaîne ou de portail qui exige la connexion.
- **Inconnu** : un lien vers un enregistrement *non répertorié*, où qu’il soit collé ; une page de portail ouverte sans connexion ; un code d’intégration collé dans une page hors du LMS.
- **Déclaré** : une page qui nomme une personne sans preuve. De tels noms sont marqués ou refusés, selon le choix de votre administration.

Pour avoir des noms la prochaine fois : publiez dans le cours ou la chaîne, ajoutez l’enregistrement avec le bouton média du LMS au lieu de coller un lien, et ne partagez pas de liens non répertoriés pour ce que vous voulez suivre par personne.

La page d’un enregistrement a la carte **Les spectateurs de cet enregistrement peuvent-ils être nommés ?** avec ses propres chiffres et les causes probables.
`,
  },
  {
    id: 'names',
    title: 'Ce que les noms disent et ne disent pas',
    also: ['limites', 'présence', 'note de participation', 'pas une preuve', 'étudiant absent'],
    text: `
**N’utilisez pas ceci comme seule mesure de présence ni pour une note.** Cela donne une image, non une preuve.

Un nom veut dire : un lecteur connecté sous cette personne a signalé une lecture. Il ne dit pas que la personne était assise devant.

Un nom absent ne prouve rien. Ceci ne nous parvient jamais :

- **Bloqué** : les bloqueurs de contenu, les extensions de confidentialité et certains VPN empêchent les lecteurs de signaler. D’ordinaire quelques pour cent des lectures.
- **Non connecté** : qui passe par un lien non répertorié, ou avant de se connecter, est dans la ligne Inconnu.
- **Téléchargé** : un fichier lu depuis le disque ne signale rien.
- **Ensemble** : dix personnes devant un écran sont un spectateur.
- **Hors ligne** : ce qu’une application retient arrive jusqu’à plusieurs jours plus tard.

Si un étudiant dit avoir regardé et que vous ne le voyez pas, les deux peuvent être vrais. Demandez-lui ses propres données : chacun peut lire ce qui est gardé de lui sous **Mes données**.

Qui regarde des spectateurs nommés est inscrit dans le journal des accès, que l’administration et, pour leur propre nom, les spectateurs peuvent lire.
`,
  },
  {
    id: 'differ',
    title: 'Pourquoi les nombres peuvent différer',
    also: ['les nombres ne concordent pas', 'différent de Kaltura', 'écart', 'définitions', 'preuve'],
    text: `
Ouvrez le « i » à côté d’un nombre et appuyez sur **Pourquoi ce nombre peut-il différer ?** Le calcul est fait pour ce nombre : ce qui a été laissé de côté et combien, ce qu’il est selon la règle de Kaltura, et les lignes dont il est fait.

Raisons fréquentes :

- **Jours** : un autre fuseau horaire, ou aujourd’hui inclus dans l’un et pas dans l’autre.
- **Les spectateurs ne s’additionnent pas** : une personne sur trois jours est trois dans la somme des jours et une dans le total.
- **Minutes** : les nôtres comptent par seconde réellement lue. L’ancienne manière de Kaltura compte un quart pour chaque repère passé : 4 minutes sur 10 comptent 2,5, un saut à la fin compte 10.
- **Achèvement** : le nôtre ignore ce qui est sauté ; les repères signalés, non.
- **Robots et afflux** sont laissés de côté ici et comptés sous le nombre.
- **Répétitions** : le même événement envoyé deux fois compte une fois.
- **Visionnage tardif** : un téléphone qui était hors ligne signale plus tard ; le passé grandit alors un peu.

Chaque total est recalculé à partir des lignes, jamais d’autres totaux. Vous pouvez lire ces lignes et les emporter en fichier.
`,
  },
  {
    id: 'export',
    title: 'Emporter les nombres : fichiers, impression, liens',
    also: ['Export', 'CSV', 'Excel', 'XLSX', 'PDF', 'partager', 'imprimer'],
    text: `
- **Un panneau** : la flèche dans son coin donne le résultat entier, pas seulement la page que vous voyez, en CSV ou Excel (XLSX), avec la question et les définitions en tête.
- **La page** : **Exporter et imprimer** en haut énumère ses panneaux ; choisissez-en certains ou tous.
- **Impression ou PDF** : au même endroit, **Imprimer ou enregistrer en PDF**. L’en-tête nomme alors filtres, jours, fuseau horaire et heure des nombres. Dans la boîte du navigateur, choisissez « Enregistrer au format PDF ».
- **Un lien** : copiez l’adresse. Qui l’ouvre voit la même question avec ses propres droits.
- **Les gros fichiers** se font en arrière-plan et se gardent un jour.

Quand un fichier nomme des personnes, il porte la phrase qu’il n’est pas une preuve de présence, et l’emporter est inscrit dans le journal des accès.
`,
  },
  {
    id: 'live',
    title: 'Diffusions en direct',
    also: ['temps réel', 'live now', 'DVR', 'webcast'],
    text: `
**En direct maintenant** montre qui regarde quoi à cette minute et suit de lui-même ; **Pause** l’arrête. Le direct et son différé (DVR) sont distingués ; mise en tampon, débit et erreurs disent si la lecture se passe bien.

Dessous figurent les diffusions prévues, telles que le catalogue les annonce, et celles qui se sont terminées ces sept derniers jours : le plus de lecteurs à la fois, les spectateurs, les minutes, et la dernière minute par minute.

Un direct n’a pas de frise par seconde tant qu’il n’est pas un enregistrement. Ses minutes comptent comme elles passent, sans le temps de mise en tampon.
`,
  },
  {
    id: 'quality',
    title: 'Peut-on se fier à ces nombres ?',
    also: ['data quality', 'lignes rejetées', 'robots', 'complétude'],
    text: `
Pour l’administration. **Qualité des données** montre ce qui arrive chaque minute, ce qui n’a pas pu être compris et pourquoi, ce qui a été envoyé deux fois, les robots, les spectateurs sans nom, et si les données sont complètes : les lecteurs numérotent leurs événements, un trou dans les numéros est donc un événement perdu.

Les lieux, lecteurs et pages sans règle sont énumérés, pour que vous voyiez sur quoi repose un nombre. **Horloges des appareils** montre de combien elles s’écartent de celle du serveur ; les événements sont corrigés de la différence. Les lecteurs qui étaient hors ligne envoient plus tard : ce qui est arrivé tard est remis à sa place.
`,
  },
  {
    id: 'reconciliation',
    title: 'Comparer avec les chiffres de Kaltura',
    also: ['rapprochement', 'reconciliation', 'import de rapports', 'pourquoi Kaltura dit-il autre chose'],
    text: `
Pour l’administration, à partir de **Qualité des données**. La personne qui exploite le serveur lit les chiffres de Kaltura des jours passés : lectures, impressions et minutes de chaque enregistrement. Ils sont gardés à part et ne s’ajoutent jamais à ce qui a été collecté ici.

- Les jours lus sont comparés, dans le fuseau horaire où ils l’ont été. Les autres jours de la période sont laissés de côté des deux côtés.
- Les minutes suivent des deux côtés la règle de Kaltura : dix secondes par signe de vie. Ailleurs dans ces pages, les minutes se comptent à la seconde.
- Une différence de 2 % au plus, ou de deux, compte comme identique.
- La raison à côté d’une différence est la plus probable : une page qui n’envoie qu’à Kaltura, une collecte commencée plus tard, des signes de vie perdus en route, des robots laissés de côté ici.

La flèche dans le coin emporte toute la liste en CSV ou Excel.
`,
  },
  {
    id: 'privacy',
    title: 'Ce qui est gardé des spectateurs',
    also: ['My record', 'journal des accès', 'effacer', 'RGPD', 'protection des données', 'masquer les noms'],
    text: `
- Ce qui a été lu, quand, sur quel type d’appareil, à quel endroit. *Ne sont pas* gardés : les adresses réseau, le texte du navigateur sur lui-même, les jetons de connexion.
- Les noms sont à part des chiffres et sont retirés après le délai fixé par votre établissement. Les chiffres restent, sans la personne.
- **Mes données** montre à chacun ce qui est gardé de lui, et qui l’a regardé.
- L’administration peut effacer une personne ; les totaux restent les mêmes au dernier chiffre près.

La page *Protection des données* en bas le dit en entier, avec la personne à qui s’adresser.
`,
  },
  {
    id: 'keyboard',
    title: 'Clavier, lecteurs d’écran, affichage',
    also: ['accessibilité', 'raccourcis', 'mode sombre', 'contraste élevé', 'langue', 'zoom'],
    text: `
- **/** ouvre la recherche. Votre menu permet de la désactiver ; dans un LMS elle l’est.
- **Tab** atteint tout. Dans un graphique, les flèches, Page, Début et Fin déplacent un curseur qui dit ses valeurs ; **Tableau** les montre toutes.
- Les définitions s’ouvrent avec Entrée et se ferment avec Échap.
- Votre menu a clair, sombre et contraste élevé, et la langue. Les pages suivent aussi les réglages de votre système : contraste, couleurs imposées, mouvements réduits, taille du texte.
- Tout fonctionne à 400 % de zoom et sur un téléphone. Les tableaux larges défilent en eux-mêmes.
- L’impression est toujours claire, sans commandes.
`,
  },
];

import type { Topic } from './index';

/** Die Anleitung auf Deutsch; Themen und Reihenfolge wie in en.ts. */
export const topics: Topic[] = [
  {
    id: 'recording',
    title: 'Sehen, wie eine Aufzeichnung angesehen wird',
    also: ['Analyse einer Aufzeichnung', 'View analytics', 'Video', 'Bild', 'Audio'],
    text: `
1. Öffnen Sie **Meine Medien**. Jede Zeile ist eine Aufzeichnung; suchen Sie Ihre im Suchfeld oder überall mit der Taste **/**.
2. Drücken Sie ihren Namen. Die Seite der Aufzeichnung öffnet sich mit dem Zeitraum, den Sie gewählt hatten.

Im LMS öffnet sich dieselbe Seite aus der Navigation des Kurses oder über den Analyse-Link des Players.

Von oben nach unten: die Kennzahlen, **Wo zugesehen wird** (Sekunde für Sekunde), die Zuschauenden mit den Teilen, die sie abspielten, der Zeitverlauf, der Weg von eingeblendet bis zu Ende gesehen, Orte, Geräte, Domains und Seiten. Ein Bild hat keine Zeitleiste: Zuschauende sind dort alle, denen es gezeigt wurde. Ein Quiz hat stattdessen Versuche, Punkte und Antworten.

Sie sehen diese Seite für das, was Ihnen gehört oder was Sie mitbearbeiten, und für Aufzeichnungen der Kurse und Kanäle, die Sie lehren oder verwalten. Was anderen gehört, sieht aus, als gäbe es es nicht.
`,
  },
  {
    id: 'my-media',
    title: 'Alles Eigene zusammen sehen',
    also: ['My Analytics', 'Meine Analysen', 'alle Medien'],
    text: `
**Meine Medien** zeigt alle Ihre Aufzeichnungen wie eine: Zusammengezählt wird, was Ihnen gehört, wenn Sie neben dem Titel nichts anderes wählen: was Ihnen gehört, was Sie mitbearbeiten, oder beides.

Die Liste lässt sich durchsuchen, nach jeder Spalte sortieren und blättern. Ein Name öffnet eine Aufzeichnung; ein Balken irgendwo engt die ganze Seite auf ihn ein.

Zuschauende werden nicht über Aufzeichnungen addiert: Wer fünf Ihrer Aufzeichnungen sah, zählt in der Summe einmal. Siehe [warum Zahlen abweichen können](/help/differ).
`,
  },
  {
    id: 'course',
    title: 'Einen Kurs oder Kanal sehen',
    also: ['Mediengalerie', 'Media Gallery', 'Kategorie', 'Canvas-Kurs'],
    text: `
Lehrende, Assistenz und Gestaltung sehen ihre Kurse, Verwaltende ihre Kanäle. Öffnen Sie **Kurse und Kanäle**, oder drücken Sie **/** und tippen den Namen. Aus dem LMS öffnet sich die Seite des Kurses sofort.

- **Lernrhythmus** stellt Aufzeichnungen gegen Wochen: welcher Teil des Kurses was wann abspielte.
- **Wo abgespielt** teilt in drei: siehe [Galerie, Kurs, anderswo](/help/placement).
- **Wer noch nicht gesehen hat** kennt drei Stände: **Gesehen**, **Nicht gesehen** (gezeigt, aber nicht abgespielt) und **Nicht zu sagen**. „Nicht zu sagen“ heißt nicht „nicht gesehen“: siehe [was Namen sagen und was nicht](/help/names).
- **Dieses Semester** nimmt seine Tage aus dem LMS oder dem Katalog. **Mit dem letzten Durchgang vergleichen** legt den früheren Lauf Woche für Woche dahinter.

In einem Kurs sehen Sie Namen in seiner Galerie und auf seinen Seiten. Was dieselbe Aufzeichnung anderswo bekam, ist eine Summe ohne Namen.
`,
  },
  {
    id: 'period',
    title: 'Tage wählen und vergleichen',
    also: ['Zeitraum', 'Datumsbereich', 'Date range', 'letzte 30 Tage', 'seit Erstellung', 'Zeitzone'],
    text: `
Der Knopf mit der Uhr sagt, welche Tage gezeigt werden. Ohne Wahl sind es die **letzten 30 Tage bis gestern**: Heute ist nicht vorbei und fehlt darum. Was heute geschah, steht in der Zeile **Heute bisher**.

- Vorgaben sind ganze Tage: 7, 30 oder 90 Tage, 12 Monate, diese Woche, dieser Monat, dieses Quartal, dieses Jahr, dieses Semester, seit der Erstellung. Daneben stehen ihr erster und letzter Tag.
- **Heute einschließen (nicht vorbei)** nimmt den Tag dazu, der nicht vorbei ist. Seit der Erstellung und eingetippte Tage enthalten ihn von selbst.
- Tippen Sie einen ersten und letzten Tag, wählen Sie beide im **Kalender**, oder ziehen Sie über ein Diagramm.
- **Vergleichen mit** legt den Zeitraum davor, dieselben Tage im Vorjahr, so viele Tage ab irgendeinem Tag oder den letzten Durchgang eines Kurses hinter jede Zahl: gestrichelt in Diagrammen, mit Pfeil auf Kacheln. **Auch in Tabellen und Listen** fügt es jeder Zeile hinzu.

Tage werden in einer Zeitzone gezählt, die unter dem Titel steht. Sie gehört zur Adresse: Wer anderswo Ihren Link öffnet, sieht Ihre Tage.
`,
  },
  {
    id: 'filters',
    title: 'Filtern, was gezeigt wird',
    also: ['Filter', 'Medientyp', 'Schlagwörter', 'Ort filtern', 'gesicherte Ansichten'],
    text: `
- Drücken Sie einen Balken, ein Stück oder einen Wert: Die ganze Seite zeigt dann nur das. Noch einmal drücken nimmt es zurück.
- **Filter** listet alles auf, wonach sich filtern lässt: Medientyp, Schlagwort, Eigentümer, Aufzeichnung, Kurs, wo abgespielt, Person, Land, Region, Stadt, Domain, Seite, Gerät, Betriebssystem, Browser und mehr. Hinter jedem Wert steht, wie oft er im Gezeigten abgespielt wurde.
- Filter stehen unter dem Titel als Sätze: „Land **ist** Deutschland oder Indien“. Das Verb drücken kehrt ihn um: **ist**, **ist nicht**. **Enthält** und **enthält nicht** nehmen einen Teil des Textes.
- Mehrere Werte eines Filters heißen *einer davon*; mehrere Filter müssen *alle* gelten.

Filter, Tage und Vergleich stehen in der Adresse. Ein Lesezeichen behält sie, Zurück nimmt den letzten weg. **Gesicherte Ansichten** behalten eine Adresse unter einem Namen, für Sie oder für alle im Konto.
`,
  },
  {
    id: 'highlights',
    title: 'Die Kennzahlen oben',
    also: ['Highlights', 'Einblendungen', 'Player impressions', 'Unique viewers', 'gesehene Minuten'],
    text: `
| Zahl | Was sie zählt |
| **Einblendungen** | wie oft ein Player gezeigt wurde: einmal je Player und Seitenaufruf |
| **Wiedergaben** | wie oft ein erstes Bild zu sehen war; Weiterspielen nach einer Pause ist keine. Darunter: von wie vielen Aufzeichnungen |
| **Zuschauende** | verschiedene Personen. Alle nicht Angemeldeten zählen als **eine**, Unbekannt |
| **Gesehene Minuten** | wirklich abgespielte Minuten der Aufzeichnung, mit Wiederholungen. Doppeltes Tempo zählt die Minuten der Aufzeichnung, nicht der Uhr |
| **Erreichter Punkt** | wie weit Wiedergaben im Mittel kamen. **Höher ist besser**, trotz Kalturas Namen „Drop-off“ |
| **Abschluss** | der wirklich abgespielte Anteil der Aufzeichnung, im Mittel der Wiedergaben |

Eine Kachel drücken zeichnet sie unten. Das „i“ hat die Definition, und **Warum kann diese Zahl abweichen?** rechnet es für sie vor.

Der Pfeil vergleicht mit dem gewählten Zeitraum. Bei kleiner Grundlage stehen die beiden Zahlen selbst da: „3 → 9“ sagt mehr als „+200 %“. Anteile ändern sich in Punkten (pt).
`,
  },
  {
    id: 'placement',
    title: 'Galerie, Kurs, anderswo',
    also: ['Category page views', 'Wo abgespielt', 'Wiedergabekontext'],
    text: `
Eine Aufzeichnung eines Kurses kann an drei Orten abgespielt werden:

- **Galerie**: auf der eigenen Medienseite des Kurses oder Kanals.
- **In diesem Kurs**: eingebettet in eine Seite, ein Quiz oder eine Aufgabe des Kurses. Das zählt nur, wo es bewiesen ist: durch einen Aufruf aus dem LMS, ein signiertes Token oder die Adresse der Seite.
- **Anderswo**: überall sonst, auch wo der Browser die Seite nicht nennt.

Kaltura zeigt das Erste gegen die Summe, unter dem Namen *Category page views*. Hier ergeben alle drei die Wiedergaben der Aufzeichnungen des Kurses.
`,
  },
  {
    id: 'top',
    title: 'Top-Aufzeichnungen und Top-Zuschauende',
    also: ['Top Videos', 'Top Viewers', 'Engagement', 'Rangliste'],
    text: `
**Top-Aufzeichnungen** stehen nach dem Engagement-Wert, wenn Sie nicht anders sortieren; jede Liste nennt ihre Reihenfolge im Kopf der Spalte. Der Wert geht von 0 bis 10: bis 5 für Wiedergaben und 2,5 für Zuschauende, beides gegen die beste Aufzeichnung der Liste, und bis 2,5 für den Abschluss. Kalturas Rang ist ebenso gemacht.

**Top-Zuschauende** stehen nach gesehenen Minuten und auf einen Druck nach Wiedergaben. Ein hoher Platz heißt: Viele Minuten wurden gemeldet, mehr nicht. Siehe [was Namen sagen und was nicht](/help/names).
`,
  },
  {
    id: 'insights',
    title: 'Was auffällt',
    also: ['Insights', 'häufigste Domain', 'Orte', 'stärkster Tag'],
    text: `
Sätze, die sagen, was ein Diagramm Sie finden ließe: die Domain mit den meisten Wiedergaben, die wichtigsten Orte, das meistgenutzte Gerät, der stärkste Tag, die am häufigsten erneut gesehene Sekunde, der steilste Verlust. Jeder führt zu der Tafel, die ihn belegt.

Sie stehen still, lassen sich vorlesen und werden mitgedruckt.
`,
  },
  {
    id: 'timeline',
    title: 'Wo zugesehen wird',
    also: ['Zeitleiste', 'Heatmap', 'Ansichten und Zuschauende', 'Leerlauf am Ende', 'dead air'],
    text: `
Die Fläche zeigt, wie viele Personen jede Sekunde sahen; darüber steht in einer anderen Farbe, wie oft sie die Sekunde **erneut** abspielten. Eine Person zählt je Sekunde einmal, so oft sie auch zurückkehrt. Dazwischen stehen grau die Ansichten von Personen, die nicht angemeldet waren: Ob eine zweimal kam oder zwei einmal, lässt sich nicht wissen; sie stehen darum für sich und zählen als eine Person.

- Zeigen, ziehen oder Pfeiltasten lesen jede Sekunde.
- Während die Aufzeichnung hier läuft, zeigt eine Linie, wo sie ist. Wer eine Sekunde oder eine Stelle drückt, spielt von dort; nach den Pfeiltasten tut das die Eingabetaste. Was Sie hier abspielen, zählt nicht, außer Ihre Einrichtung zeigt ihren eigenen Player in einem Rahmen.
- **Stellen** nennen, was auffällt: am häufigsten erneut gesehen, ein steiler Verlust, wo der Inhalt endet.
- **Typisch für diese Person** legt gestrichelt darüber, wie viele ihrer anfänglichen Zuschauenden Aufzeichnungen derselben Person und ähnlicher Länge behalten.
- **Leerlauf am Ende**: Oft gehen fast alle zugleich vor dem Ende, weil nichts mehr kommt. Dann erreicht kaum jemand 100 %, und nichts ist falsch. Wem die Aufzeichnung gehört, kann das Ende des Inhalts setzen; der Abschluss zählt dann bis dorthin.
`,
  },
  {
    id: 'parts',
    title: 'Welche Teile jede Person abspielte',
    also: ['View Engagement Per User', 'Engagement je Person', 'Heatmap je Person'],
    text: `
Jede Zeile ist eine Person, mit einem Streifen der ganzen Aufzeichnung. Höhe und Farbe sagen, wie oft jede Sekunde abgespielt wurde: gar nicht, einmal, zweimal, öfter. **Teile in Worten** schreibt dasselbe als Zeiten: „0:00–4:30, 6:10–7:00 (zweimal)“.

Nicht Angemeldete sind eine Zeile, **Unbekannt**. Ein Schild heißt, dass eine Signatur den Namen bewies; **behauptet** heißt, dass die Seite die Person nannte und nichts es bewies.

**Namen verbergen** (das Auge) ersetzt Namen durch kurze Codes, wenn Sie Ihren Bildschirm zeigen.

Lesen Sie bitte [was Namen sagen und was nicht](/help/names), bevor Sie über jemanden urteilen.
`,
  },
  {
    id: 'over-time',
    title: 'Zahlen im Zeitverlauf',
    also: ['Performance over time', 'View Details', 'Avg. Drop Off Rate', 'Avg. Completion Rate', 'Verlauf'],
    text: `
Eine Kachel wählt, was gezeichnet wird, und Tag, Woche oder Monat den Schritt. Die gestrichelte Linie ist der verglichene Zeitraum, ein gepunktetes Ende ist heute. Ziehen über das Diagramm wählt diese Tage. Eine **zweite Kennzahl** lässt sich daneben legen; passen die beiden nicht auf eine Skala, hat jede ihre eigene.

Unter der Achse stehen **Anmerkungen**: neue Aufzeichnungen, Zeiten, in denen nichts erfasst wurde, und was Menschen schreiben, etwa eine Prüfung. Wer verwaltet, schreibt zu allem, Lehrende zu ihrem Kurs, Besitzende zu ihren Aufzeichnungen.

**Tabelle** zeigt dieselben Zahlen; die Tabellen darunter gliedern nach Tag, Person, Aufzeichnung und Kurs, wie Kalturas *View Details*. Mit einem Vergleich sagt jede Zeile unter ihrer Zahl, wie sie sich geändert hat und wovon.

- **Avg. drop off rate** heißt hier *erreichter Punkt*: das Mittel des letzten Viertels, das Wiedergaben erreichten. 20 % zählt 0, 80 % zählt 75. Höher ist besser.
- **Avg. completion rate** heißt *Abschluss*: was wirklich abgespielt wurde. Ein Sprung ans Ende hebt ihn nicht.
- Viele sehen alles, worauf es ankommt, und erreichen nie 100 %: siehe Leerlauf am Ende unter [wo zugesehen wird](/help/timeline).
`,
  },
  {
    id: 'funnel',
    title: 'Von eingeblendet bis zu Ende gesehen',
    also: ['How player impressions lead to engagement', 'Trichter', 'Viertel'],
    text: `
Sechs Schritte zugleich: eingeblendet, abgespielt, 25, 50, 75, 100 %. Jeder hat seinen Anteil am ersten Schritt und am Schritt davor.

**Als erreicht gemeldet** ist, was Player als passiert melden; ein Sprung ans Ende passiert jede Marke. **Wirklich abgespielt** zählt nur Wiedergaben, bei denen dieser Anteil abgespielt wurde. Der Abstand ist Überspringen.
`,
  },
  {
    id: 'places',
    title: 'Länder, Regionen und Städte',
    also: ['Top Countries', 'Karte', 'Geografie'],
    text: `
Orte folgen aus der Netzadresse im Augenblick des Ansehens. Die Adresse selbst wird nicht behalten. Ein Land führt zu seinen Regionen, eine Region zu ihren Städten; die Liste ist vollständig, die Karte veranschaulicht sie. Regionen sind Flächen, Städte Punkte, so groß wie ihre Wiedergaben; wo der Umriss einer Region nicht bekannt ist, steht auch sie als Punkt.

Ein VPN zeigt den Ort seines Ausgangs, ein Mobilnetz oft eine Stadt für eine ganze Region. Wer nicht verfolgt werden will, zählt ohne Region und Stadt.
`,
  },
  {
    id: 'devices',
    title: 'Geräte und Software',
    also: ['Devices Overview', 'Browser', 'Betriebssysteme'],
    text: `
Geräteart, Betriebssystem und Browser folgen aus dem, was der Browser beim Abspielen über sich sagt; dieser Text wird nicht behalten. Tablets nennen sich oft Computer. Jedes Stück und jede Zeile filtert die Seite.
`,
  },
  {
    id: 'domains',
    title: 'Domains und Seiten',
    also: ['Top Domains', 'Page URLs', 'unbekannte Domain', 'wo eingebettet'],
    text: `
Eine Domain ist die Website, auf der der Player stand; drücken zeigt ihre Seiten, nach Wiedergaben. Seiten öffnen sich in einem neuen Tab; vielleicht fehlt Ihnen dort das Recht.

| Sie sehen | Das bedeutet |
| die Adresse Ihres LMS | ein Code wurde in eine Seite des LMS eingefügt |
| eine Adresse mit „kaf“ | über Kalturas Werkzeug im LMS geöffnet; nichts zu tun |
| eine Adresse mit „quiz-lti“ | in einer Frage von New Quizzes; welche, lässt sich nicht sagen |
| eine Adresse, die auf canvas-user-content.com endet | in einer ins LMS geladenen Datei |
| eine Adresse mit „scorm“ | in einem SCORM-Paket |
| googleusercontent.com | in einer Google-Site |
| qualtrics.com | in einer Umfrage |
| articulateusercontent.com | in einem Articulate-Kurs |
| mediaspace | Ihr Medienportal selbst; nichts zu tun |
| Seite nicht offengelegt | der Browser nannte die Website, nicht die Seite |
| Unbekannt, C:, localhost | eine gesicherte Seite, eine App oder ein verschwiegener Browser |

Was Ihre Einrichtung von jeder weiß, steht unter [Domains & Einbettungen](/embeds). Seiten, die einen neuen Code brauchen: siehe [Einbettungen finden](/help/embeds).
`,
  },
  {
    id: 'embeds',
    title: 'Einbettungen finden, die aktualisiert werden müssen',
    also: ['Player-Upgrade', 'Einbettungscode', 'Bestandsliste', 'Migration'],
    text: `
1. Öffnen Sie **Domains & Einbettungen**. Gezeigt werden die letzten 12 Monate.
2. Wählen Sie die **Kampagne**, etwa ein Player-Upgrade. Jede Domain sagt dann, ob ihre Einbettungen aktualisiert werden müssen, warum und bis wann.
3. Öffnen Sie eine Domain für ihre Seiten, und darauf die Aufzeichnungen mit IDs, Wiedergaben, erstem und letztem Tag.
4. Aktualisieren Sie die Seite (neuer Tab) und setzen Sie sie auf **erledigt**. Wer es macht und eine Bemerkung lassen sich notieren.
5. **Bestandsliste als CSV** gibt alles als Datei.

Eine erledigte Seite, die wieder auf die alte Weise abspielt, kommt von selbst zurück.

Nicht zu finden sind Seiten, die niemand öffnete, und Seiten, deren Adresse der Browser nicht nennt (New Quizzes, SCORM, manche Umfragen). Von ihnen ist nur die Domain bekannt. Heruntergeladene Seiten lassen sich nicht ändern.
`,
  },
  {
    id: 'naming',
    title: 'So veröffentlichen, dass Zuschauende Namen haben',
    also: ['Unbekannte', 'nicht gelistet', 'unlisted', 'Anmeldung'],
    text: `
Jemand hat nur dann einen Namen, wenn die Seite mit dem Player sagt, wer angemeldet ist, und es beweist.

- **Mit Namen**: Medien, die mit dem Medienwerkzeug des LMS in den Kurs kamen; die Galerie; Kanal- oder Portalseiten mit Anmeldung.
- **Unbekannt**: ein Link zu einer *nicht gelisteten* Aufzeichnung; eine ohne Anmeldung geöffnete Portalseite; ein Code in einer Seite außerhalb des LMS.
- **Behauptet**: eine Seite, die jemanden ohne Beweis nennt. Solche Namen werden gekennzeichnet oder abgewiesen.

Fürs nächste Mal: im Kurs oder Kanal veröffentlichen, mit dem Medienknopf des LMS einfügen statt einen Link zu kleben, und nicht gelistete Links meiden.

Die Seite einer Aufzeichnung hat die Karte **Können die Zuschauenden dieser Aufzeichnung benannt werden?** mit ihren Zahlen und Ursachen.
`,
  },
  {
    id: 'names',
    title: 'Was Namen sagen und was nicht',
    also: ['Grenzen', 'Anwesenheit', 'Note', 'kein Nachweis', 'fehlende Person'],
    text: `
**Nehmen Sie dies nicht als einziges Maß für Anwesenheit oder für eine Note.** Es gibt ein Bild, keinen Beweis.

Ein Name heißt: Ein Player, an dem diese Person angemeldet war, meldete eine Wiedergabe. Er sagt nicht, dass sie dasaß.

Ein fehlender Name beweist nichts. Dies erreicht uns nie:

- **Blockiert**: Inhaltsblocker, Erweiterungen und manche VPNs halten Meldungen auf, meist bei wenigen Prozent der Wiedergaben.
- **Nicht angemeldet**: Wer über einen nicht gelisteten Link oder vor der Anmeldung kommt, ist in der Zeile Unbekannt.
- **Heruntergeladen**: Eine Datei von der Platte meldet nichts.
- **Gemeinsam**: Zehn Personen vor einem Bildschirm sind eine.
- **Offline**: Was eine App zurückhält, kommt bis zu Tage später.

Sagt jemand, zugesehen zu haben, und Sie sehen es nicht, kann beides stimmen. Fragen Sie nach den eigenen Daten: Alle können unter **Meine Daten** lesen, was von ihnen gespeichert ist.

Wer Namen von Zuschauenden ansieht, steht im Zugriffsprotokoll, das die Administration und, für den eigenen Namen, die Zuschauenden lesen können.
`,
  },
  {
    id: 'differ',
    title: 'Warum Zahlen abweichen können',
    also: ['Zahlen stimmen nicht überein', 'anders als Kaltura', 'Definitionen', 'Nachweis'],
    text: `
Öffnen Sie das „i“ neben einer Zahl und drücken Sie **Warum kann diese Zahl abweichen?** Dort steht die Rechnung für diese Zahl: was ausgelassen wurde, was sie nach Kalturas Regel ist, und die Zeilen, aus denen sie entstand.

Häufige Gründe:

- **Tage**: eine andere Zeitzone, oder heute in der einen und nicht in der anderen.
- **Zuschauende addieren sich nicht**: Eine Person an drei Tagen ist drei in der Summe der Tage und eine in der Gesamtzahl.
- **Minuten**: Unsere zählen je wirklich abgespielter Sekunde. Kalturas ältere Weise zählt ein Viertel je passierter Marke: 4 von 10 Minuten zählen 2,5, ein Sprung ans Ende 10.
- **Abschluss**: Unserer lässt Übersprungenes weg; gemeldete Marken nicht.
- **Roboter und Fluten** sind ausgelassen.
- **Wiederholungen**: zweimal gesandt, einmal gezählt.
- **Späte Meldungen**: Ein Telefon, das offline war, meldet später; die Vergangenheit wächst ein wenig.

Jede Summe wird neu aus Zeilen gerechnet. Sie können diese Zeilen lesen und als Datei mitnehmen.
`,
  },
  {
    id: 'export',
    title: 'Zahlen mitnehmen: Dateien, Druck, Links',
    also: ['Export', 'CSV', 'Excel', 'XLSX', 'PDF', 'teilen', 'drucken'],
    text: `
- **Eine Tafel**: Der Pfeil in ihrer Ecke gibt das ganze Ergebnis, nicht nur das Gezeigte, als CSV oder Excel (XLSX), mit Frage und Definitionen.
- **Die Seite**: **Exportieren und drucken** oben listet ihre Tafeln; wählen Sie einige oder alle.
- **Druck oder PDF**: ebenda, **Drucken oder als PDF sichern**. Der Kopf nennt dann Filter, Tage, Zeitzone und Stand. Wählen Sie im Dialog des Browsers „Als PDF sichern“.
- **Ein Link**: Kopieren Sie die Adresse. Wer sie öffnet, sieht dieselbe Frage mit den eigenen Rechten.
- **Große Dateien** entstehen im Hintergrund und bleiben einen Tag.

Wo eine Datei Personen nennt, trägt sie den Satz, dass sie kein Anwesenheitsnachweis ist, und das Mitnehmen steht im Zugriffsprotokoll.
`,
  },
  {
    id: 'live',
    title: 'Live-Übertragungen',
    also: ['Echtzeit', 'jetzt live', 'DVR', 'Webcast'],
    text: `
**Jetzt live** zeigt, wer in dieser Minute was ansieht, und läuft von selbst mit; **Anhalten** stoppt es. Live und zeitversetzt (DVR) werden unterschieden; Pufferung, Bitrate und Fehler sagen, wie gut es läuft.

Darunter stehen die Übertragungen, die laut Katalog geplant sind, und die der letzten sieben Tage: wie viele Player höchstens zugleich, Zuschauende, Minuten, und die letzte Minute für Minute.

Eine Übertragung hat keine Zeitleiste, bis sie eine Aufzeichnung ist. Ihre Minuten zählen, wie sie vergehen, ohne Pufferung.
`,
  },
  {
    id: 'quality',
    title: 'Ist diesen Zahlen zu trauen?',
    also: ['Datenqualität', 'Fehlzeilen', 'Roboter', 'Vollständigkeit'],
    text: `
Für die Administration. **Datenqualität** zeigt, was jede Minute eintrifft, was nicht verstanden wurde und warum, Wiederholungen, Roboter, Zuschauende ohne Namen und wie vollständig die Daten sind: Player nummerieren ihre Ereignisse, eine Lücke ist also ein verlorenes.

Orte, Player und Domains ohne Regel sind aufgelistet, damit Sie sehen, worauf eine Zahl beruht. **Uhren der Geräte** zeigt, wie weit sie von der des Servers abweichen; Ereignisse werden um den Unterschied berichtigt. Player ohne Netz senden später: Was spät kam, kommt an seinen Platz.
`,
  },
  {
    id: 'reconciliation',
    title: 'Mit Kalturas eigenen Zahlen vergleichen',
    also: ['Abgleich', 'Reconciliation', 'Import von Berichten', 'warum sagt Kaltura etwas anderes'],
    text: `
Für die Administration, von **Datenqualität** aus. Wer den Server betreibt, liest Kalturas eigene Zahlen vergangener Tage: Wiedergaben, Impressionen und Minuten jeder Aufzeichnung. Sie stehen getrennt und werden nie zu dem addiert, was hier gesammelt wurde.

- Verglichen werden gelesene Tage, in der Zeitzone, in der sie gelesen wurden. Andere Tage des Zeitraums bleiben auf beiden Seiten außen vor.
- Minuten folgen auf beiden Seiten Kalturas Regel: zehn Sekunden je Lebenszeichen. Sonst zählen diese Seiten auf die Sekunde.
- Auf 2 %, oder auf zwei, gilt als gleich.
- Der Grund neben einem Unterschied ist der wahrscheinlichste: eine Seite, die nur an Kaltura sendet, eine später begonnene Sammlung, unterwegs verlorene Lebenszeichen, hier ausgelassene Roboter.

Der Pfeil in der Ecke nimmt die ganze Liste als CSV oder Excel mit.
`,
  },
  {
    id: 'privacy',
    title: 'Was über Zuschauende gespeichert ist',
    also: ['Meine Daten', 'Zugriffsprotokoll', 'löschen', 'DSGVO', 'Datenschutz', 'Namen verbergen'],
    text: `
- Was wann auf welcher Art von Gerät an welchem Ort abgespielt wurde. *Nicht* gespeichert: Netzadressen, der Text des Browsers über sich, Token der Anmeldung.
- Namen stehen getrennt von Zahlen und entfallen nach der Zeit, die Ihre Einrichtung gesetzt hat. Die Zahlen bleiben, ohne die Person.
- **Meine Daten** zeigt allen, was von ihnen gespeichert ist und wer es ansah.
- Die Administration kann eine Person löschen; Summen bleiben bis zur letzten Stelle.

Die Seite *Datenschutz* unten sagt es ganz, mit der Person, die Sie fragen können.
`,
  },
  {
    id: 'keyboard',
    title: 'Tastatur, Vorlesen, Darstellung',
    also: ['Barrierefreiheit', 'Tastenkürzel', 'dunkel', 'Kontrast', 'Sprache', 'Zoom'],
    text: `
- **/** öffnet die Suche. In Ihrem Menü lässt sie sich abschalten; im LMS ist sie aus.
- **Tab** erreicht alles. In einem Diagramm bewegen Pfeiltasten, Bild, Pos1 und Ende einen Zeiger, der seine Werte sagt; **Tabelle** zeigt alle.
- Definitionen öffnen mit Enter und schließen mit Escape.
- Ihr Menü hat hell, dunkel, hohen Kontrast und die Sprache. Die Seiten folgen auch Ihrem System: Kontrast, erzwungene Farben, weniger Bewegung, Textgröße.
- Alles geht bei 400 % Zoom und am Telefon. Breite Tabellen rollen in sich.
- Gedruckt wird immer hell, ohne Knöpfe.
`,
  },
];
